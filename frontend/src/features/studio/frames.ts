/** The last picture of each camera that was open in this visit; nothing of it is ever stored. */

/** Wide enough for a thumbnail on a sharp screen, in pixels. */
const WIDTH_PX = 240;

export class CameraFrames {
  private readonly frames = new Map<string, ImageBitmap>();

  of(cameraId: string): ImageBitmap | null {
    return this.frames.get(cameraId) ?? null;
  }

  /** Keep what `video` shows at this moment. */
  async keep(cameraId: string, video: HTMLVideoElement): Promise<void> {
    if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    try {
      const frame = await createImageBitmap(video, { resizeWidth: WIDTH_PX });
      this.frames.get(cameraId)?.close();
      this.frames.set(cameraId, frame);
    } catch {
      // A camera that was closed meanwhile has nothing to show.
    }
  }

  forget(): void {
    for (const frame of this.frames.values()) frame.close();
    this.frames.clear();
  }
}
