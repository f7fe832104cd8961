/** One choice among the cameras or the microphones that there are. */

import { useLanguage } from "../i18n";
import type { Device } from "../lib/devices";
import { Field } from "./Field";

interface DeviceFieldProps {
  label: string;
  devices: readonly Device[];
  current: string | undefined;
  onDevice: (device: Device) => void;
}

export function DeviceField({ label, devices, current, onDevice }: DeviceFieldProps) {
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
