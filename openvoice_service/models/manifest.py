"""Which files are published weights: where they are fetched, where they belong, what they hash to.

A revision is a commit, so that what is fetched today is what was fetched when the hash was noted.
Only files whose sha-256 is known stand here: nothing else is ever fetched.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """One published file.

    path:   inside the repository, with slashes
    target: inside the model's folder, with slashes
    size:   bytes
    sha256: of the whole file, lower-case hexadecimal
    """

    path: str
    target: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Model:
    """The files of one model.

    name:       what `--only` calls it
    title:      what people call it, with its licence
    repository: owner/name on the Hugging Face hub, or a mirror of it
    revision:   the commit that the hashes are of
    folder:     inside the folder of models
    """

    name: str
    title: str
    repository: str
    revision: str
    folder: str
    files: Sequence[File]

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(file.size for file in self.files)


OPENVOICE = Model(
    name="openvoice",
    title="OpenVoice V2's converter (MIT)",
    repository="myshell-ai/OpenVoiceV2",
    revision="f36e7edfe1684461a8343844af60babc2efbb727",
    folder="openvoice_v2",
    files=(
        File(
            path="converter/config.json",
            target="converter/config.json",
            size=838,
            sha256="9dfff60350b8c63f2c664efd92a61b2516efb22671466960f0e5dfebd881fa47",
        ),
        File(
            path="converter/checkpoint.pth",
            target="converter/checkpoint.pth",
            size=131_320_490,
            sha256="9652c27e92b6b2a91632590ac9962ef7ae2b712e5c5b7f4c34ec55ee2b37ab9e",
        ),
    ),
)

# 510 rows, one for each length of a sentence in tokens, of 256 little-endian float32.
KOKORO_VOICE_BYTES = 510 * 256 * 4

# The hashes of the voices are those of the files in the npm package kokoro-js 1.2.1, by the same
# authors; several public download scripts pin the same values for this revision.
KOKORO_VOICES = {
    "af_heart": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    "af_bella": "f69d836209b78eb8c66e75e3cda491e26ea838a3674257e9d4e5703cbaf55c8b",
    "am_michael": "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",
    "am_fenrir": "c27989f741f7ee34d273a39d8a595cc0837d35f5ced9a29b7cc162614616df43",
    "bf_emma": "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73",
    "bm_george": "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc",
    "jf_alpha": "56b479360aad9f367aeb8cef908f9201cf48b4555e488c5f4590c9dfcd978bb6",
    "jf_gongitsune": "0f1181f3772d27b7c12aaf4bcd71e31b186c4146e330d074a3dc64ee392af396",
    "jf_nezumi": "13cb71eebb0b48739d444558322aa35a8c9a489b80e1e631f14d2e6aea93026b",
    "jf_tebukuro": "29c6c0561b4288d59639677bebe7533c919743d5ea68d0d2ae992644beea6696",
    "jm_kumo": "09e959d239724c734d65661f06f14cdabcddfd476bfaaad905a937099ae9e64f",
    "ef_dora": "f66ec66bd295acb18372e37008533a9a3228483ccd294e7538d5d9294ac9a532",
    "em_alex": "27809e9eafdcbcfff90a3016c697568676531de2a2c39cee29c96c7bd6b83e95",
    "ff_siwis": "a35f5675ad08948e326ae75fd0ea16ba5d0042e4f76b5f3d1df77d0a48c54861",
}

# model.onnx and tokenizer.json: the values that public download scripts pin for this revision, a
# dozen independently of each other (search for the sha-256).
KOKORO = Model(
    name="kokoro",
    title="Kokoro-82M v1.0, the neural base voice (Apache-2.0)",
    repository="onnx-community/Kokoro-82M-v1.0-ONNX",
    revision="1939ad2a8e416c0acfeecc08a694d14ef25f2231",
    folder="kokoro",
    files=(
        File(
            path="tokenizer.json",
            target="tokenizer.json",
            size=3_497,
            sha256="77a02c8e164413299b4b4c403b14f8e0e1c1b727db4d46a09d6327b861060a34",
        ),
        *(
            File(f"voices/{name}.bin", f"voices/{name}.bin", KOKORO_VOICE_BYTES, sha256)
            for name, sha256 in KOKORO_VOICES.items()
        ),
        File(
            path="onnx/model.onnx",
            target="model.onnx",
            size=325_532_232,
            sha256="8fbea51ea711f2af382e88c833d9e288c6dc82ce5e98421ea61c058ce21a34cb",
        ),
    ),
)

MODELS = (OPENVOICE, KOKORO)
