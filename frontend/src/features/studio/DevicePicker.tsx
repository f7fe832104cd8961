/** Which camera and which microphone; the picture behind and the bar say at once what they give. */

import { useLanguage } from "../../i18n";
import { DeviceField } from "../../ui/DeviceField";
import { LevelMeter } from "../../ui/LevelMeter";
import type { Studio, StudioView } from "./studio";

export function DevicePicker({ studio, view }: { studio: Studio; view: StudioView }) {
  const { t } = useLanguage();
  const { devices, state, stream } = view;
  return (
    <div className="mx-auto grid w-full max-w-md gap-4 self-center overflow-y-auto rounded-2xl bg-card p-4 text-ink shadow-card md:me-0">
      <DeviceField
        label={t.studio.camera}
        devices={devices.cameras}
        current={view.cameraId}
        onDevice={(camera) => studio.chooseCamera(camera)}
      />
      <DeviceField
        label={t.studio.microphone}
        devices={devices.microphones}
        current={view.microphoneId}
        onDevice={(microphone) => studio.chooseMicrophone(microphone)}
      />
      {stream && <LevelMeter stream={stream} />}
      <label className="flex min-h-11 items-center gap-3 font-semibold">
        <input
          type="checkbox"
          checked={state.isCountdownOn}
          onChange={(event) => studio.send({ type: "countdown", isOn: event.target.checked })}
          className="size-6 accent-mark"
        />
        {t.studio.countdown}
      </label>
    </div>
  );
}
