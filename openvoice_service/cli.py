"""The command line: serve | clone | speak | convert | engines | download | watchdog."""

import argparse
import logging.config
import sys
from pathlib import Path

import soundfile
import uvicorn

from openvoice_service import watchdog
from openvoice_service.audio import AudioUnreadable, Waveform, read_audio
from openvoice_service.base_voices import BaseVoices, BaseVoiceUnavailable, Prosody
from openvoice_service.cache import SpeechCache
from openvoice_service.engines import (
    ENGINE_NAMES,
    Engine,
    EngineUnavailable,
    ExactEngine,
    Tone,
    choose_engine_name,
    create_engine,
)
from openvoice_service.formats import CONTENT_TYPES, encode
from openvoice_service.logs import log_config
from openvoice_service.main import create_app
from openvoice_service.memory import limit_arenas
from openvoice_service.models import cli as models_cli
from openvoice_service.problems import Problem
from openvoice_service.profiles import ProfileNotFound, ProfileStore, SampleRejected, split_windows
from openvoice_service.settings import SpeechSettings
from openvoice_service.speaking import lacking_engines
from openvoice_service.synthesis import Order, Synthesiser, Teller
from openvoice_service.text import LANGUAGES, split_script
from openvoice_service.tones import BaseTones


def main(arguments: list[str] | None = None) -> None:
    """Run one command; a refusal ends with a plain sentence and status 1."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except (AudioUnreadable, SampleRejected) as refusal:
        sys.exit(f"{refusal} {refusal.fix}")
    except Problem as problem:
        sys.exit(problem.detail)
    except ProfileNotFound:
        sys.exit("There is no such voice here.")
    except (EngineUnavailable, BaseVoiceUnavailable, OSError, ValueError) as error:
        sys.exit(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m openvoice_service")
    commands = parser.add_subparsers(
        required=True, metavar="serve | clone | speak | convert | engines | download | watchdog"
    )
    serve = commands.add_parser("serve", help="serve the speech API")
    serve.set_defaults(command=_serve)
    clone = commands.add_parser("clone", help="make a voice profile of recordings")
    clone.add_argument("--reference", type=Path, nargs="+", required=True)
    clone.add_argument("--name", required=True)
    clone.add_argument("--language", required=True, choices=LANGUAGES)
    clone.add_argument("--consent", required=True, help="the words that the speaker agreed to")
    clone.set_defaults(command=_clone)
    speak = commands.add_parser("speak", help="speak a text")
    speak.add_argument("--text", required=True)
    speak.add_argument("--language", required=True, choices=LANGUAGES)
    whose = speak.add_mutually_exclusive_group()
    whose.add_argument("--reference", type=Path, help="a recording of whoever is to be heard")
    whose.add_argument("--voice", help="a profile or a base voice")
    speak.add_argument("--out", type=Path, required=True)
    speak.set_defaults(command=_speak)
    convert = commands.add_parser("convert", help="re-speak a recording in another's tone")
    convert.add_argument("--source", type=Path, required=True)
    convert.add_argument("--reference", type=Path, required=True)
    convert.add_argument("--out", type=Path, required=True)
    convert.add_argument(
        "--exact",
        action="store_true",
        help="the network alone: no windows, no pieces, no padding; WAV in floats",
    )
    convert.set_defaults(command=_convert)
    engines = commands.add_parser("engines", help="list the engines and why one is not ready")
    engines.set_defaults(command=_list_engines)
    download = commands.add_parser("download", help="fetch the published weights")
    models_cli.add_arguments(download)
    watching = commands.add_parser("watchdog", help="turn the machine off when nobody wants it")
    watchdog.add_arguments(watching)
    for command in (clone, speak, convert, engines):
        _add_engine_options(command)
    return parser


def _add_engine_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--engine", choices=("auto", *ENGINE_NAMES), default="auto")
    parser.add_argument("--models", type=Path, help="folder of downloaded weights")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    precisions = ("auto", "fp32", "bf16", "fp16")
    parser.add_argument("--precision", choices=precisions, default="auto")
    parser.add_argument("--tau", type=float, default=0.0, help="noise of the openvoice engine")
    parser.add_argument(
        "--allow-unverified", action="store_true", help="admit a checkpoint of one's own"
    )


def _engine(options: argparse.Namespace) -> Engine:
    models_dir = options.models or SpeechSettings().models_folder
    name = options.engine if options.engine != "auto" else choose_engine_name(models_dir)[0]
    if options.tau != 0.0 and name != "openvoice":
        raise ValueError(f"The {name} engine has no noise to scale: leave --tau at 0.")
    return create_engine(
        name,
        models_dir,
        options.device,
        options.precision,
        allow_unverified=options.allow_unverified or SpeechSettings().speech_allow_unverified,
        tau=options.tau,
    )


def _serve(_options: argparse.Namespace) -> None:
    settings = SpeechSettings()
    if settings.speech_print_token and settings.speech_token is None:
        print(f"Authorization: Bearer {settings.bearer}", flush=True)
    logging.config.dictConfig(log_config())  # before the app: choosing an engine has its say
    limit_arenas()
    uvicorn.run(
        create_app(settings),
        host=settings.speech_host,
        port=settings.speech_port,
        access_log=False,
        log_config=log_config(),
    )


def _clone(options: argparse.Namespace) -> None:
    store = ProfileStore(SpeechSettings().shared_folder)
    profile = store.create(
        [read_audio(path) for path in options.reference],
        _engine(options),
        name=options.name,
        language=options.language,
        consent=options.consent,
    )
    report = profile.report
    print(f"{profile.id}  engine {profile.engine}  {report.verdict}: {report.advice_text}")


def _speak(options: argparse.Namespace) -> None:
    settings = SpeechSettings()
    engine = _engine(options)
    models_dir = options.models or settings.models_folder
    base_voices = BaseVoices(models_dir, settings.speech_neural_base, settings.voicevox_url)
    root = SpeechSettings().shared_folder
    cache = SpeechCache(root / "generated", SpeechSettings().speech_cache_bytes)
    synthesiser = Synthesiser(engine, base_voices, BaseTones(engine, root / "base_tones"), cache)
    try:
        order = _order(options, engine, base_voices, synthesiser, root)
        speech = synthesiser.speak(split_script(options.text, options.language), order)
    finally:
        base_voices.close()
        cache.forget_voice("command_line")
    _write(options.out, speech.wave)
    spoken_by = engine.name if order.teller.target is not None else "none"
    read_by = order.teller.base.id
    print(f"{options.out}  {speech.wave.duration_s:.1f} s  engine {spoken_by}  base {read_by}")


def _order(
    options: argparse.Namespace,
    engine: Engine,
    base_voices: BaseVoices,
    synthesiser: Synthesiser,
    root: Path,
) -> Order:
    target: Tone | None = None
    base = base_voices.get(options.voice or "")
    if options.reference is not None:
        target = engine.embed(split_windows([read_audio(options.reference)]))
    elif options.voice and base is None:
        target = ProfileStore(root).tone(options.voice, engine)
    if base is None:
        nearest = synthesiser.nearest_base
        fallback = base_voices.of_language(options.language)[0]
        base = nearest(options.language, target) if target is not None else fallback
    # A reference's speech belongs to nobody's profile: it is forgotten when the command ends.
    return Order(Teller("command_line", base, target), Prosody())


def _convert(options: argparse.Namespace) -> None:
    engine = _engine(options)
    source, reference = read_audio(options.source), read_audio(options.reference)
    if options.exact:
        converted = _convert_exactly(engine, source, reference)
        soundfile.write(options.out, converted.samples, converted.sample_rate_hz, subtype="FLOAT")
    else:
        converted = engine.convert_tone(
            source, engine.embed(split_windows([source])), engine.embed(split_windows([reference]))
        )
        _write(options.out, converted)
    print(f"{options.out}  {converted.duration_s:.1f} s  engine {engine.name}")


def _convert_exactly(engine: Engine, source: Waveform, reference: Waveform) -> Waveform:
    if not isinstance(engine, ExactEngine):
        raise ValueError(f"--exact is of the openvoice engines; {engine.name} is no network.")
    return engine.convert_exactly(source, engine.embed([source]), engine.embed([reference]))


def _write(path: Path, wave: Waveform) -> None:
    audio_format = path.suffix.removeprefix(".").lower()
    if audio_format not in CONTENT_TYPES:
        raise ValueError(f"{path.suffix or 'no suffix'}: use one of {', '.join(CONTENT_TYPES)}.")
    path.write_bytes(encode(wave, audio_format))


def _list_engines(options: argparse.Namespace) -> None:
    lacking = lacking_engines(_engine(options), options.models)
    for name in ENGINE_NAMES:
        print(f"{name:18} {'not ready: ' + lacking[name] if name in lacking else 'ready'}")
