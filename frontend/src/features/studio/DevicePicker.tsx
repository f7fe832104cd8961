/** Which camera and which microphone; the picture behind and the bar say at once what they give. */

import { useLanguage } from "../../i18n";
import { Field } from "../../ui/Field";
import { LevelMeter } from "../../ui/LevelMeter";
import type { Device } from "./devices";
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

interface DeviceFieldProps {
  label: string;
  devices: readonly Device[];
  current: string | undefined;
  onDevice: (device: Device) => void;
}

function DeviceField({ label, devices, current, onDevice }: DeviceFieldProps) {
  const { t, format } = useLanguage();
  return (
    <Field label={label}>
      {(control) => (
        <select
          {...control}
          value={current ?? ""}
          onChange={(event) => {
            const device = devices.find(({ deviceId }) => deviceId === event.target.value);
            if (device) onDevice(device);
          }}
          className="min-h-12 w-full rounded-xl border border-edge bg-card px-3"
        >
          {devices.map((device, place) => (
            <option key={device.deviceId} value={device.deviceId}>
              {device.label || t.studio.unnamed(format.integer(place + 1))}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
