/** A voice as upright bars, around a middle line. */

interface WaveBarsProps {
  /** Of each bar, of 24. */
  heights: readonly number[];
  className: string;
  ink?: string;
}

const STEP = 6;
const TALL = 24;

export function WaveBars({ heights, className, ink }: WaveBarsProps) {
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${heights.length * STEP} ${TALL}`}
      fill={ink}
      className={className}
    >
      {heights.map((height, place) => (
        <rect
          key={place}
          x={place * STEP}
          y={(TALL - height) / 2}
          width="3"
          height={height}
          rx="1.5"
        />
      ))}
    </svg>
  );
}
