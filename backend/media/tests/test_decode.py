"""Whatever somebody sends becomes a picture or a WAV of ours, or a problem that names the fix."""

import os
import struct
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from backend.media import MediaRejected, decode_audio, decode_photo
from backend.media.tests.material import (
    draw_photo,
    ffmpeg,
    png_claiming,
    voiced,
    write_wav,
)

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><image href='/etc/passwd'/></svg>"


def refusal(decode: Callable[[Path, Path], object], source: Path, tmp_path: Path) -> str:
    """Return the code that `source` is refused with, after looking at what is said."""
    target = tmp_path / "target"
    with pytest.raises(MediaRejected) as refused:
        decode(source, target)
    assert not target.exists(), "a refused file leaves nothing behind"
    [error] = refused.value.errors
    assert refused.value.status == 422
    assert error.code == refused.value.code
    assert error.field == "file"
    assert error.message.endswith(".")
    assert error.fix.endswith(".")
    return error.code


def given(tmp_path: Path, content: bytes, name: str = "given.jpg") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


# --- pictures -------------------------------------------------------------------------------


def test_a_photo_is_decoded_with_and_without_the_sandbox(walls: str, tmp_path: Path) -> None:
    source = draw_photo(tmp_path / "given.jpg", 320, 200)
    assert decode_photo(source, tmp_path / "made").width_px == 320


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_a_picture_of_each_kind_becomes_a_jpeg(kind: str, tmp_path: Path) -> None:
    source = draw_photo(tmp_path / "given.bin", 320, 200, kind)
    photo = decode_photo(source, tmp_path / "made")
    assert (photo.width_px, photo.height_px) == (320, 200)
    with Image.open(tmp_path / "made") as made:
        assert (made.format, made.mode, made.size) == ("JPEG", "RGB", (320, 200))


def test_the_name_of_the_file_does_not_matter(tmp_path: Path) -> None:
    source = draw_photo(tmp_path / "given.bin", 320, 200, "PNG")
    source = source.rename(tmp_path / "holiday.jpg")
    assert decode_photo(source, tmp_path / "made").width_px == 320


def test_a_phone_photo_is_turned_upright_and_loses_its_metadata(tmp_path: Path) -> None:
    picture = Image.new("RGB", (200, 100), "red")
    picture.paste((0, 0, 255), (0, 0, 100, 100))  # blue on the left as stored
    exif = Image.Exif()
    exif[0x0112] = 6  # stored on its side: turn it by 90 degrees
    exif[0x010E] = "where I live"
    picture.save(tmp_path / "given.jpg", exif=exif, comment="my comment")
    photo = decode_photo(tmp_path / "given.jpg", tmp_path / "made")
    assert (photo.width_px, photo.height_px) == (100, 200)
    with Image.open(tmp_path / "made") as made:
        red, _, blue = made.getpixel((50, 20))  # type: ignore[misc]
        assert blue - red > 150, "what was on the left is on top"
        assert not made.getexif()
    raw = (tmp_path / "made").read_bytes()
    assert b"where I live" not in raw
    assert b"my comment" not in raw


def test_broken_exif_is_no_reason_to_refuse(tmp_path: Path) -> None:
    picture = Image.new("RGB", (200, 100), "red")
    picture.save(tmp_path / "given.jpg", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff\xff\xff")
    assert decode_photo(tmp_path / "given.jpg", tmp_path / "made").width_px == 200


def test_transparency_becomes_white(tmp_path: Path) -> None:
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(tmp_path / "given.png")
    decode_photo(tmp_path / "given.png", tmp_path / "made")
    with Image.open(tmp_path / "made") as made:
        assert min(made.getpixel((50, 50))) > 250  # type: ignore[arg-type]


def test_other_colours_become_srgb(tmp_path: Path) -> None:
    """In a profile whose red and blue are each other's, what is stored as red is seen as blue."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"tmp!").replace(b"bXYZ", b"rXYZ").replace(b"tmp!", b"bXYZ")
    Image.new("RGB", (100, 100), (200, 60, 30)).save(tmp_path / "given.png", icc_profile=swapped)
    decode_photo(tmp_path / "given.png", tmp_path / "made")
    with Image.open(tmp_path / "made") as made:
        assert "icc_profile" not in made.info
        assert made.getpixel((50, 50)) == pytest.approx((30, 60, 200), abs=8)


@pytest.mark.parametrize("mode", ["L", "P", "I;16", "CMYK", "1", "LA"])
def test_unusual_pixels_are_understood(mode: str, tmp_path: Path) -> None:
    if mode == "I;16":
        picture = Image.frombytes("I;16", (100, 100), struct.pack("<H", 128 << 8) * 10_000)
    else:
        picture = Image.new("RGB", (100, 100), (128, 128, 128)).convert(mode)
    picture.save(tmp_path / "given", "JPEG" if mode == "CMYK" else "PNG")
    decode_photo(tmp_path / "given", tmp_path / "made")
    with Image.open(tmp_path / "made") as made:
        levels = made.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        assert levels == pytest.approx((128, 128, 128), abs=12)


def test_a_large_photo_is_made_smaller(tmp_path: Path) -> None:
    Image.new("RGB", (6000, 3000), "green").save(tmp_path / "given.jpg")
    photo = decode_photo(tmp_path / "given.jpg", tmp_path / "made")
    assert max(photo.width_px, photo.height_px) <= 4096
    assert photo.width_px / photo.height_px == pytest.approx(2.0, abs=0.01)


def test_of_a_phones_picture_pair_the_first_is_taken(tmp_path: Path) -> None:
    pair = [Image.new("RGB", (100, 100), colour) for colour in ("red", "blue")]
    pair[0].save(tmp_path / "given.jpg", format="MPO", save_all=True, append_images=pair[1:])
    assert decode_photo(tmp_path / "given.jpg", tmp_path / "made").width_px == 100


def test_of_an_animation_the_first_frame_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (100, 100), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "given.gif", save_all=True, append_images=frames[1:])
    decode_photo(tmp_path / "given.gif", tmp_path / "made")
    with Image.open(tmp_path / "made") as made:
        red, _, blue = made.getpixel((50, 50))  # type: ignore[misc]
        assert red - blue > 150


def test_a_picture_with_something_behind_it_leaves_that_behind(tmp_path: Path) -> None:
    source = draw_photo(tmp_path / "given.jpg", 320, 200)
    source.write_bytes(source.read_bytes() + b"PK\x03\x04<script>alert(1)</script>")
    decode_photo(source, tmp_path / "made")
    assert b"script" not in (tmp_path / "made").read_bytes()


def test_a_real_picture_of_144_megapixels_is_refused(walls: str, tmp_path: Path) -> None:
    Image.new("1", (12_000, 12_000)).save(tmp_path / "given.png")
    assert refusal(decode_photo, tmp_path / "given.png", tmp_path) == "photo_too_large"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "media_empty", id="zero bytes"),
        pytest.param(SVG, "photo_unsupported", id="SVG named .jpg"),
        pytest.param(b"hello\n" * 100, "photo_unsupported", id="text"),
        pytest.param(png_claiming(60_000, 60_000), "photo_too_large", id="PNG bomb"),
        pytest.param(png_claiming(2_000_000_000, 1), "photo_too_large", id="huge width"),
        pytest.param(png_claiming(0, 100), "photo_unsupported", id="width 0"),
        pytest.param(png_claiming(9_000, 9_000), "media_truncated", id="fewer pixels than claimed"),
        pytest.param(b"\xff\xd8\xff\xe0" + bytes(500), "photo_unsupported", id="JPEG start alone"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n", "photo_unsupported", id="EPS"),
        pytest.param(b"%PDF-1.7\n", "photo_unsupported", id="PDF"),
        pytest.param(b"II*\x00" + bytes(500), "photo_unsupported", id="TIFF"),
    ],
)
def test_what_is_no_usable_picture_is_refused(content: bytes, code: str, tmp_path: Path) -> None:
    assert refusal(decode_photo, given(tmp_path, content), tmp_path) == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("kept", [0.5, 0.97])
def test_a_truncated_picture_is_refused(kind: str, kept: float, tmp_path: Path) -> None:
    source = draw_photo(tmp_path / "given", 640, 480, kind)
    raw = source.read_bytes()
    source.write_bytes(raw[: int(len(raw) * kept)])
    assert refusal(decode_photo, source, tmp_path) == "media_truncated"


def test_a_picture_of_few_pixels_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (20, 20)).save(tmp_path / "given.png")
    assert refusal(decode_photo, tmp_path / "given.png", tmp_path) == "photo_too_small"


# --- sound ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wav(tmp_path_factory.mktemp("speech") / "speech.wav", voiced(6.0))


def encoded(speech: Path, target: Path, *options: str) -> Path:
    ffmpeg("-i", str(speech), *options, str(target))
    return target


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.wav", ["-ac", "2", "-ar", "44100"]),
        ("a.mp3", []),
        ("a.m4a", ["-c:a", "aac"]),
        ("a.ogg", ["-c:a", "libvorbis"]),
        ("a.opus", ["-c:a", "libopus"]),
        ("a.webm", ["-c:a", "libopus"]),
        ("a.flac", []),
        ("a.aac", []),
        ("live.webm", ["-c:a", "libopus", "-f", "webm", "-live", "1"]),
    ],
)
def test_sound_of_each_kind_becomes_mono_wav(
    name: str, options: list[str], speech: Path, tmp_path: Path
) -> None:
    source = encoded(speech, tmp_path / name, *options)
    sound = decode_audio(source, tmp_path / "made")
    assert sound.duration_s == pytest.approx(6.0, abs=0.1)
    with wave.open(str(tmp_path / "made")) as made:
        assert (made.getnchannels(), made.getsampwidth()) == (1, 2)
        assert made.getframerate() == sound.sample_rate_hz
        assert made.getnframes() / made.getframerate() == pytest.approx(sound.duration_s)
        assert max(made.readframes(made.getnframes())) > 0


def test_sound_is_decoded_without_the_sandbox_too(walls: str, speech: Path, tmp_path: Path) -> None:
    source = encoded(speech, tmp_path / "a.mp3")
    assert decode_audio(source, tmp_path / "made").duration_s == pytest.approx(6.0, abs=0.1)


def test_metadata_does_not_come_along(speech: Path, tmp_path: Path) -> None:
    source = encoded(speech, tmp_path / "a.mp3", "-metadata", "title=where I live")
    assert b"where I live" in source.read_bytes()
    decode_audio(source, tmp_path / "made")
    assert b"where I live" not in (tmp_path / "made").read_bytes()


def test_cover_art_does_not_make_a_video(speech: Path, tmp_path: Path) -> None:
    cover = draw_photo(tmp_path / "cover.jpg", 100, 100)
    source = tmp_path / "a.mp3"
    ffmpeg("-i", str(speech), "-i", str(cover), "-map", "0", "-map", "1", "-c:v", "copy",
           "-disposition:v", "attached_pic", str(source))  # fmt: skip
    assert decode_audio(source, tmp_path / "made").duration_s == pytest.approx(6.0, abs=0.1)


@pytest.mark.parametrize("container", ["mp4", "webm", "mkv"])
@pytest.mark.parametrize("with_sound", [True, False])
def test_a_video_is_no_voice_sample(
    container: str, with_sound: bool, speech: Path, tmp_path: Path
) -> None:
    sound = ["-i", str(speech), "-shortest"] if with_sound else []
    codec = "libvpx" if container == "webm" else "libx264"
    source = tmp_path / f"clip.{container}"
    ffmpeg("-f", "lavfi", "-i", "testsrc=duration=1:size=64x64:rate=10", *sound,
           "-c:v", codec, str(source))  # fmt: skip
    assert refusal(decode_audio, source, tmp_path) == "sample_is_video"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "media_empty", id="zero bytes"),
        pytest.param(b"This is no sound.\n" * 500, "media_unreadable", id="text renamed .wav"),
        pytest.param(b"RIFF\x24\x00\x00\x00WAVE", "media_unreadable", id="WAV start alone"),
        pytest.param(os.urandom(50_000), "media_unreadable", id="noise"),
        pytest.param(bytes(50_000), "media_unreadable", id="zeros"),
        pytest.param(SVG, "media_unreadable", id="SVG"),
    ],
)
def test_what_is_no_sound_is_refused(content: bytes, code: str, tmp_path: Path) -> None:
    assert refusal(decode_audio, given(tmp_path, content, "given.wav"), tmp_path) == code


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.wav", []),
        ("a.mp3", []),
        ("a.m4a", ["-c:a", "aac", "-movflags", "+faststart"]),
        ("a.m4a", ["-c:a", "aac"]),
        ("a.ogg", ["-c:a", "libvorbis"]),
        ("a.webm", ["-c:a", "libopus"]),
        ("a.flac", []),
    ],
)
def test_truncated_sound_is_refused(
    name: str, options: list[str], speech: Path, tmp_path: Path
) -> None:
    source = encoded(speech, tmp_path / name, *options)
    raw = source.read_bytes()
    source.write_bytes(raw[: int(len(raw) * 0.6)])
    # Without its index, which comes last, nothing of an MP4 can be read at all.
    expected = {"media_truncated"} if options != ["-c:a", "aac"] else {"media_unreadable"}
    assert refusal(decode_audio, source, tmp_path) in expected


def test_a_playlist_reads_no_file(walls: str, speech: Path, tmp_path: Path) -> None:
    """An HLS playlist read a local file although only the `file` protocol was allowed."""
    playlist = (
        "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:6.0,\n"
        f"file://{speech}\n#EXTINF:1.0,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    )
    for name in ("given.m3u8", "given.wav"):
        source = given(tmp_path, playlist.encode(), name)
        assert refusal(decode_audio, source, tmp_path) == "media_unreadable"


@pytest.mark.parametrize(
    "document",
    [
        "ffconcat version 1.0\nfile '{speech}'\n",
        "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><Period><AdaptationSet>"
        "<Representation><BaseURL>file://{speech}</BaseURL></Representation></AdaptationSet>"
        "</Period></MPD>",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    ],
    ids=["concat list", "DASH", "SDP"],
)
def test_documents_that_point_elsewhere_are_refused(
    document: str, speech: Path, tmp_path: Path
) -> None:
    source = given(tmp_path, document.format(speech=speech).encode(), "given.wav")
    assert refusal(decode_audio, source, tmp_path) == "media_unreadable"


def test_many_streams_are_refused(speech: Path, tmp_path: Path) -> None:
    maps = ["-map", "0"] * 40
    source = encoded(speech, tmp_path / "a.mkv", *maps, "-c:a", "libopus", "-t", "0.5")
    assert refusal(decode_audio, source, tmp_path) == "media_unreadable"


def test_what_lasts_longer_than_allowed_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "a.flac"
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "700", str(source))
    assert refusal(decode_audio, source, tmp_path) == "media_too_long"


def test_a_small_file_without_an_end_stops_at_the_limit(tmp_path: Path) -> None:
    """Eleven minutes in a container that declares no duration."""
    source = tmp_path / "a.mkv"
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "660", "-c:a", "pcm_u8",
           "-f", "matroska", "-live", "1", str(source))  # fmt: skip
    assert refusal(decode_audio, source, tmp_path) == "media_too_long"


def test_a_header_that_claims_four_gigabytes_costs_nothing(tmp_path: Path) -> None:
    header = b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"
    header += struct.pack("<IIHH", 8000, 16_000, 2, 16) + b"data" + struct.pack("<I", 0x7FFF_FF00)
    code = refusal(decode_audio, given(tmp_path, header + bytes(16_000), "given.wav"), tmp_path)
    assert code in ("media_truncated", "media_too_long")


def test_the_problem_can_point_at_the_forms_own_field() -> None:
    problem = MediaRejected("media_unreadable", "It can't be read.", "Choose another.")
    assert problem.for_field("photo").errors[0].field == "photo"
