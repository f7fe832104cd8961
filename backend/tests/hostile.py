"""Files made to do harm: generated on the spot, none of them is kept as a binary.

Lures are what they reach for: a file with a secret, sound and video files of the server's own, and
an address that must not be called. Whoever opens a file of this corpus shall refuse it or make a
harmless picture, sound or video of it.
"""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from backend.media.tests.material import (
    H264,
    LIVE_WEBM,
    PHONE_MP4,
    draw_photo,
    ffmpeg,
    film,
    png_claiming,
    voiced,
    write_wav,
)

_FTYP = struct.pack(">I", 16) + b"ftypisom\0\0\0\0"
SECRET = "canary-8f41c2-of-another-file"


@dataclass(frozen=True)
class Lures:
    """What the files reach for."""

    folder: Path
    url: str

    @property
    def secret(self) -> Path:
        return self.folder / "secret.txt"

    @property
    def sound(self) -> Path:
        return self.folder / "sound.wav"

    @property
    def video(self) -> Path:
        return self.folder / "video.mp4"

    @property
    def clip(self) -> Path:
        return self.folder / "clip.webm"

    @property
    def photo(self) -> Path:
        return self.folder / "photo.jpg"


@dataclass(frozen=True)
class HostileFile:
    """One of the corpus; `must_be_refused` where nothing harmless can be made of it anywhere."""

    name: str
    content: bytes = field(repr=False)
    must_be_refused: bool


Make = Callable[[Lures, Path], bytes]
_CORPUS: list[tuple[str, Make, bool]] = []


def lay_lures(folder: Path, url: str) -> Lures:
    """Write what the files reach for, and good files to be spoilt."""
    lures = Lures(folder, url)
    lures.secret.write_text(f"{SECRET}\n" * 40)
    write_wav(lures.sound, voiced(2.0))
    film(lures.video, 2.0, *PHONE_MP4, "-movflags", "+faststart")
    film(lures.clip, 2.0, *LIVE_WEBM[:-2])
    draw_photo(lures.photo, 640, 480)
    return lures


def corpus(lures: Lures, work: Path) -> Iterator[HostileFile]:
    """Yield every file, made in `work`."""
    for name, make, must_be_refused in _CORPUS:
        folder = work / name.replace(" ", "-")
        folder.mkdir(parents=True)
        yield HostileFile(name, make(lures, folder), must_be_refused)


def hostile(name: str, must_be_refused: bool = True) -> Callable[[Make], Make]:
    """Add what a function makes to the corpus."""

    def add(make: Make) -> Make:
        _CORPUS.append((name, make, must_be_refused))
        return make

    return add


# --- documents that point elsewhere -------------------------------------------------------------


def _playlist(*entries: str, head: str = "") -> bytes:
    items = "".join(f"#EXTINF:2.0,\n{entry}\n" for entry in entries)
    return f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n{head}{items}#EXT-X-ENDLIST\n".encode()


for _name, _entry in {
    "HLS of a text file": "file://{lures.secret}",
    "HLS of a sound file": "file://{lures.sound}",
    "HLS of a video file": "file://{lures.video}",
    "HLS of a path without a scheme": "{lures.video}",
    "HLS of an address": "{lures.url}/segment.ts",
    "HLS through concat": "concat:{lures.secret}|{lures.video}",
    "HLS through subfile": "subfile,,start,0,end,0,,:{lures.secret}",
    "HLS through crypto": "crypto:file:{lures.secret}",
    "HLS through data": "data:text/plain;base64,Y2FuYXJ5",
    "HLS through gopher": "gopher://{lures.url}/x",
    "HLS through tcp": "tcp://{lures.url}",
}.items():

    @hostile(_name)
    def _hls(lures: Lures, _work: Path, entry: str = _entry) -> bytes:
        return _playlist(entry.format(lures=lures))


@hostile("HLS with a key from a file")
def _hls_key(lures: Lures, _work: Path) -> bytes:
    key = f'#EXT-X-KEY:METHOD=AES-128,URI="file://{lures.secret}"\n'
    return _playlist(f"file://{lures.video}", head=key)


@hostile("HLS of another playlist")
def _hls_nested(lures: Lures, _work: Path) -> bytes:
    inner = lures.folder / "inner.m3u8"
    inner.write_bytes(_playlist(f"file://{lures.video}", f"file://{lures.secret}"))
    stream = f"#EXT-X-STREAM-INF:BANDWIDTH=1\nfile://{inner}\n"
    return f"#EXTM3U\n{stream}".encode()


@hostile("HLS behind a byte order mark")
def _hls_bom(lures: Lures, _work: Path) -> bytes:
    return b"\xef\xbb\xbf" + _playlist(f"file://{lures.video}")


for _name, _base in {
    "DASH of a file": "file://{lures.video}",
    "DASH of an address": "{lures.url}/",
}.items():

    @hostile(_name)
    def _dash(lures: Lures, _work: Path, base: str = _base) -> bytes:
        return (
            "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011' type='static'"
            " mediaPresentationDuration='PT2S'><Period><AdaptationSet mimeType='video/mp4'>"
            f"<Representation id='1' bandwidth='1'><BaseURL>{base.format(lures=lures)}</BaseURL>"
            "</Representation></AdaptationSet></Period></MPD>"
        ).encode()


for _name, _line in {
    "concat list of a file": "file '{lures.video}'",
    "concat list of an address": "file '{lures.url}/a.mp4'",
}.items():

    @hostile(_name)
    def _concat(lures: Lures, _work: Path, line: str = _line) -> bytes:
        return f"ffconcat version 1.0\n{line.format(lures=lures)}\n".encode()


@hostile("SDP that listens")
def _sdp(_lures: Lures, _work: Path) -> bytes:
    return b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n"


@hostile("SVG that shows a file and an address")
def _svg(lures: Lures, _work: Path) -> bytes:
    return (
        "<svg xmlns='http://www.w3.org/2000/svg' width='200' height='200'>"
        f"<image href='file://{lures.photo}'/><image href='{lures.url}/a.png'/></svg>"
    ).encode()


@hostile("SVG with an entity from a file")
def _xxe(lures: Lures, _work: Path) -> bytes:
    return (
        f"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM 'file://{lures.secret}'>]>"
        "<svg xmlns='http://www.w3.org/2000/svg'><text>&x;</text></svg>"
    ).encode()


@hostile("XML of a billion laughs")
def _laughs(_lures: Lures, _work: Path) -> bytes:
    entities = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    return f"<?xml version='1.0'?><!DOCTYPE l [<!ENTITY l0 'ha'>{entities}]><l>&l9;</l>".encode()


@hostile("PostScript that reads a file")
def _postscript(lures: Lures, _work: Path) -> bytes:
    return (
        f"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n({lures.secret}) (r) file\n".encode()
    )


@hostile("MVG that reads a file")
def _mvg(lures: Lures, _work: Path) -> bytes:
    return f"push graphic-context\nimage over 0,0 0,0 'file:{lures.secret}'\n".encode()


@hostile("AVI with a playlist as subtitles")
def _gab2(lures: Lures, _work: Path) -> bytes:
    words = b"GAB2\0" + _playlist(f"file://{lures.secret}")
    header = b"LIST" + struct.pack("<I", 4 + 8 + 56) + b"strlstrh" + struct.pack("<I", 56)
    header += b"txts" + bytes(52)
    body = b"AVI " + header + b"LIST" + struct.pack("<I", len(words) + 12) + b"movi00tx"
    body += struct.pack("<I", len(words)) + words
    return b"RIFF" + struct.pack("<I", len(body)) + body


@hostile("MOV whose pictures lie in another file", must_be_refused=False)
def _data_reference(lures: Lures, work: Path) -> bytes:
    """The data reference names a file (ISO/IEC 14496-12, 8.7.2); who follows it shows that one."""
    ffmpeg("-i", str(lures.video), "-c", "copy", str(work / "a.mp4"))
    raw = (work / "a.mp4").read_bytes()
    place = f"file://{lures.secret}\0".encode()
    at = 0
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref", b"url "):
        at = raw.index(box, at)
        size = int.from_bytes(raw[at - 4 : at], "big") + len(place)
        raw = raw[: at - 4] + struct.pack(">I", size) + raw[at:]
    return raw[: at + 4] + bytes(4) + place + raw[at + 8 :]


# --- bombs --------------------------------------------------------------------------------------


@hostile("zip bomb")
def _zip(_lures: Lures, _work: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(10):
            archive.writestr(f"{number}.jpg", bytes(20_000_000))
    return out.getvalue()


@hostile("gzip bomb")
def _gzip(_lures: Lures, _work: Path) -> bytes:
    return gzip.compress(bytes(100_000_000))


for _name, _size in {
    "PNG of 3.6 gigapixels": (60_000, 60_000),
    "PNG a line high": (2_000_000_000, 1),
    "PNG without width": (0, 100),
    "PNG of fewer pixels than it says": (9_000, 9_000),
}.items():

    @hostile(_name)
    def _png(_lures: Lures, _work: Path, size: tuple[int, int] = _size) -> bytes:
        return png_claiming(*size)


@hostile("PNG with a text of 200 MB", must_be_refused=False)
def _png_text(_lures: Lures, work: Path) -> bytes:
    Image.effect_noise((200, 200), 50).save(work / "plain.png")
    plain = (work / "plain.png").read_bytes()
    body = b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)
    chunk = (
        struct.pack(">I", len(body))
        + b"zTXt"
        + body
        + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    )
    return plain[:33] + chunk + plain[33:]


@hostile("GIF of 4 gigapixels")
def _gif(_lures: Lures, _work: Path) -> bytes:
    screen = b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\x80\0\0\0\0\0\xff\xff\xff"
    return screen + b"," + struct.pack("<HHHH", 0, 0, 65_535, 65_535) + b"\0\x02\x02\x44\x01\0;"


@hostile("GIF of 3,000 frames", must_be_refused=False)
def _gif_frames(_lures: Lures, work: Path) -> bytes:
    frames = [Image.new("P", (64, 64), number % 200) for number in range(3_000)]
    frames[0].save(work / "a.gif", save_all=True, append_images=frames[1:])
    return (work / "a.gif").read_bytes()


@hostile("JPEG of 4 gigapixels")
def _jpeg(lures: Lures, _work: Path) -> bytes:
    raw = bytearray(lures.photo.read_bytes())
    at = raw.index(b"\xff\xc0") + 5
    raw[at : at + 4] = struct.pack(">HH", 65_500, 65_500)
    return bytes(raw)


@hostile("BMP of 4 gigapixels")
def _bmp(_lures: Lures, _work: Path) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, 65_000, 65_000, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + info + bytes(99)


@hostile("WebP of 268 megapixels")
def _webp(_lures: Lures, work: Path) -> bytes:
    Image.effect_noise((64, 64), 50).convert("RGB").save(work / "a.webp")
    raw = bytearray((work / "a.webp").read_bytes())
    at = raw.index(b"\x9d\x01\x2a") + 3
    raw[at : at + 4] = struct.pack("<HH", 16_383, 16_383)
    return bytes(raw)


@hostile("JPEG with a broken colour profile of 8 MB", must_be_refused=False)
def _profile(_lures: Lures, work: Path) -> bytes:
    picture = Image.effect_noise((200, 200), 50).convert("RGB")
    picture.save(work / "a.jpg", icc_profile=b"\xff" * 8_000_000)
    return (work / "a.jpg").read_bytes()


# --- two things at once -------------------------------------------------------------------------


@hostile("JPEG that is a zip too", must_be_refused=False)
def _jpeg_zip(lures: Lures, _work: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("index.html", f"<script>{SECRET}</script>")
    return lures.photo.read_bytes() + out.getvalue()


@hostile("GIF that is a script too")
def _gif_script(_lures: Lures, _work: Path) -> bytes:
    return b"GIF89a/*" + b"\0" * 30 + f"*/=1;alert('{SECRET}')".encode()


@hostile("WAV with a page in it", must_be_refused=False)
def _wav_page(lures: Lures, _work: Path) -> bytes:
    return lures.sound.read_bytes() + f"<html><script>{SECRET}</script>".encode()


@hostile("MP4 with a playlist behind it", must_be_refused=False)
def _mp4_playlist(lures: Lures, _work: Path) -> bytes:
    return lures.video.read_bytes() + _playlist(f"file://{lures.secret}")


@hostile("MP4 with a page in front")
def _page_mp4(lures: Lures, _work: Path) -> bytes:
    return f"<!-- {SECRET} -->".encode() + lures.video.read_bytes()


@hostile("MP4 that tells its place and author", must_be_refused=False)
def _mp4_metadata(lures: Lures, work: Path) -> bytes:
    ffmpeg("-i", str(lures.video), "-c", "copy", "-metadata", f"title={SECRET}", "-metadata",
           f"comment={SECRET}", str(work / "a.mp4"))  # fmt: skip
    return (work / "a.mp4").read_bytes()


# --- cut, endless and huge ----------------------------------------------------------------------


def _cut(content: bytes, share: float) -> bytes:
    return content[: int(len(content) * share)]


@hostile("WebM cut in the middle")
def _cut_webm(lures: Lures, _work: Path) -> bytes:
    return _cut(lures.clip.read_bytes(), 0.5)


@hostile("MP4 cut in the middle")
def _cut_mp4(lures: Lures, _work: Path) -> bytes:
    return _cut(lures.video.read_bytes(), 0.6)


@hostile("MP4 cut in its index")
def _cut_index(lures: Lures, _work: Path) -> bytes:
    return lures.video.read_bytes()[:600]


@hostile("Ogg cut in the middle")
def _cut_ogg(lures: Lures, work: Path) -> bytes:
    ffmpeg("-i", str(lures.sound), "-c:a", "libvorbis", str(work / "a.ogg"))
    return _cut((work / "a.ogg").read_bytes(), 0.5)


@hostile("sound of a day in a megabyte")
def _day(_lures: Lures, work: Path) -> bytes:
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "86400", "-c:a", "flac",
           "-frame_size", "65535", str(work / "a.flac"))  # fmt: skip
    return (work / "a.flac").read_bytes()


@hostile("video of three hours in some kilobytes")
def _three_hours(_lures: Lures, work: Path) -> bytes:
    ffmpeg("-f", "lavfi", "-i", "color=size=64x64:rate=1/60:duration=10800", *H264, "-f",
           "matroska", "-live", "1", str(work / "a.mkv"))  # fmt: skip
    return (work / "a.mkv").read_bytes()


@hostile("WAV that says it has 2 GB")
def _huge_wav(_lures: Lures, _work: Path) -> bytes:
    form = b"RIFF\xff\xff\xff\x7fWAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16_000, 2, 16)
    return form + b"data" + struct.pack("<I", 0x7FFF_FF00) + bytes(16_000)


def _patched(content: bytes, box: bytes, offset: int, value: bytes) -> bytes:
    at = content.index(box) + 4 + offset
    return content[:at] + value + content[at + len(value) :]


@hostile("MP4 that says it lasts 136 years", must_be_refused=False)
def _long_mp4(lures: Lures, _work: Path) -> bytes:
    return _patched(lures.video.read_bytes(), b"mvhd", 16, b"\xff\xff\xff\xfe")


@hostile("MP4 of 4 billion samples")
def _many_samples(lures: Lures, _work: Path) -> bytes:
    return _patched(lures.video.read_bytes(), b"stsz", 8, b"\xff\xff\xff\xff")


@hostile("MP4 of a sample of 4 GB")
def _large_sample(lures: Lures, _work: Path) -> bytes:
    return _patched(lures.video.read_bytes(), b"stsz", 12, b"\xff\xff\xff\xf0" * 30)


@hostile("MP4 that shows 65,535 by 65,535")
def _wide_mp4(lures: Lures, _work: Path) -> bytes:
    raw = lures.video.read_bytes()
    # The size stands in the codec's own header as well, which is what counts: break both.
    raw = _patched(raw, b"avc1", 24, b"\xff\xff\xff\xff")
    return _patched(raw, b"avcC", 8, b"\x67\x64\xff\xff\xff\xff\xff\xff\xff")


@hostile("MP4 whose index has no size", must_be_refused=False)
def _zero_box(lures: Lures, _work: Path) -> bytes:
    raw = lures.video.read_bytes()
    at = raw.index(b"moov") - 4
    return raw[:at] + bytes(4) + raw[at + 4 :]


@hostile("MP4 of a million empty boxes")
def _empty_boxes(_lures: Lures, _work: Path) -> bytes:
    return (
        struct.pack(">I", 16) + b"ftypisom\0\0\0\0" + (struct.pack(">I", 8) + b"free") * 1_000_000
    )


@hostile("MP4 of boxes in boxes")
def _nested_boxes(_lures: Lures, _work: Path) -> bytes:
    nested = b""
    for _ in range(10_000):
        nested = struct.pack(">I", len(nested) + 8) + b"moov" + nested
    return _FTYP + nested


@hostile("MP4 with an edit list of a million entries", must_be_refused=False)
def _edit_list(lures: Lures, _work: Path) -> bytes:
    raw = lures.video.read_bytes()
    at = raw.index(b"elst") - 4
    return raw[: at + 12] + struct.pack(">I", 1_000_000) + raw[at + 16 :]


@hostile("MP4 that plays one moment for hours", must_be_refused=False)
def _edit_loop(lures: Lures, _work: Path) -> bytes:
    return _patched(lures.video.read_bytes(), b"elst", 8, b"\x7f\xff\xff\xff")


@hostile("WebM of an element of 2^55 bytes", must_be_refused=False)
def _huge_element(lures: Lures, _work: Path) -> bytes:
    raw = lures.clip.read_bytes()
    at = raw.index(b"\x16\x54\xae\x6b") + 4  # Tracks
    return raw[:at] + b"\x01\x7f\xff\xff\xff\xff\xff\xff" + raw[at + 8 :]


@hostile("WebM of elements in elements")
def _nested_elements(lures: Lures, _work: Path) -> bytes:
    raw = lures.clip.read_bytes()
    at = raw.index(b"\x16\x54\xae\x6b")
    return raw[:at] + b"\x16\x54\xae\x6b\x01\xff\xff\xff\xff\xff\xff\xff" * 50_000


# --- streams ------------------------------------------------------------------------------------


@hostile("40 sound tracks")
def _many_tracks(lures: Lures, work: Path) -> bytes:
    ffmpeg("-i", str(lures.video), "-map", "0:v", *["-map", "0:a"] * 40, "-c", "copy",
           str(work / "a.mkv"))  # fmt: skip
    return (work / "a.mkv").read_bytes()


@hostile("attachments", must_be_refused=False)
def _attachments(lures: Lures, work: Path) -> bytes:
    given = ["-attach", str(lures.secret), "-metadata:s:t", "mimetype=application/x-truetype-font"]
    ffmpeg("-i", str(lures.clip), "-c", "copy", *given, str(work / "a.mkv"))
    return (work / "a.mkv").read_bytes()


@hostile("subtitles", must_be_refused=False)
def _subtitles(lures: Lures, work: Path) -> bytes:
    words = work / "words.srt"
    words.write_text(f"1\n00:00:00,000 --> 00:00:01,000\n{SECRET}\n")
    ffmpeg("-i", str(lures.clip), "-i", str(words), "-map", "0", "-map", "1", "-c", "copy",
           str(work / "a.mkv"))  # fmt: skip
    return (work / "a.mkv").read_bytes()


@hostile("H.264 with a wrong header")
def _wrong_avcc(lures: Lures, _work: Path) -> bytes:
    raw = lures.video.read_bytes()
    at = raw.index(b"avcC") + 4
    return raw[:at] + b"\x01\xff\xff\xff\xff\xff\xff\xff\xff" * 4 + raw[at + 36 :]


@hostile("VP8 whose pictures are noise")
def _noise_vp8(lures: Lures, _work: Path) -> bytes:
    raw = bytearray(lures.clip.read_bytes())
    at = raw.index(b"\x1f\x43\xb6\x75") + 40
    raw[at:] = bytes((7 * number) % 251 for number in range(len(raw) - at))
    return bytes(raw)


@hostile("Opus of 255 channels")
def _channels(lures: Lures, work: Path) -> bytes:
    ffmpeg("-i", str(lures.sound), "-c:a", "libopus", str(work / "a.opus"))
    raw = bytearray((work / "a.opus").read_bytes())
    raw[raw.index(b"OpusHead") + 9] = 255
    return bytes(raw)


@hostile("MP3 whose cover has 256 MB")
def _cover(_lures: Lures, _work: Path) -> bytes:
    return b"ID3\x04\0\0\x7f\x7f\x7f\x7fAPIC\x7f\x7f\x7f\x7f\0\0\0image/png\0\0\0" + bytes(5_000)


for _name, _options in {
    "MJPEG in Matroska": ("-c:v", "mjpeg", "-an", "-f", "matroska"),
    "MPEG transport stream": ("-c:v", "libx264", "-c:a", "aac", "-f", "mpegts"),
    "FLV": ("-c:v", "flv", "-an", "-f", "flv"),
    "AVI": ("-c:v", "mpeg4", "-an", "-f", "avi"),
    "raw pictures in NUT": ("-c:v", "rawvideo", "-an", "-f", "nut"),
}.items():

    @hostile(_name)
    def _other(_lures: Lures, work: Path, options: tuple[str, ...] = _options) -> bytes:
        return film(work / "a", 0.5, *options).read_bytes()


@hostile("zeros")
def _zeros(_lures: Lures, _work: Path) -> bytes:
    return bytes(5_000_000)


@hostile("one byte")
def _one_byte(_lures: Lures, _work: Path) -> bytes:
    return b"\0"


@hostile("text of two million lines")
def _lines(_lures: Lures, _work: Path) -> bytes:
    return b"x\n" * 2_000_000
