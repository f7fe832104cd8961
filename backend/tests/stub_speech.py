"""A speech service that does on demand what the real one does only under load or when it dies."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from backend.tests.served import ServedApp

EVENT = b'data: {"type": "speech.audio.delta", "audio": "AAAA"}\n\n'
BUSY = {"code": "queue_full", "title": "Busy", "detail": "Later.", "errors": []}

# Answers that nobody should believe.
WORDS: dict[str, Callable[[], Response]] = {
    "a page": lambda: Response("<html>Bad gateway?</html>", media_type="text/html"),
    "nothing": lambda: Response(b""),
    "another shape": lambda: JSONResponse({"id": 7}),
    "another voice": lambda: JSONResponse(
        {
            "id": "voc_another",
            "name": "x",
            "engine": "world",
            "report": {"voiced_s": 9, "verdict": "good"},
        }
    ),
    "an error": lambda: Response("boom", status_code=500),
    "a refusal without a reason": lambda: Response("no", status_code=400),
}


class StubSpeech:
    """Answers by what is to be said: `busy`, `silent`, `endless`, `two pieces`, `broken`, or WORDS.

    A profile is answered by the name of the voice, in the same way.
    """

    def __init__(self) -> None:
        self.left = threading.Event()  # the caller hung up
        self.asked = threading.Event()  # a call is being answered
        self.go_on = threading.Event()  # the test has read the first piece
        self.deleted: list[str] = []  # voices that were to be deleted
        app = FastAPI()
        app.post("/v1/audio/speech")(self._speak)
        app.post("/v1/voices")(self._profile)
        app.delete("/v1/voices/{voice_id}", status_code=204)(self._delete)
        self.served = ServedApp(app)

    async def _speak(self, request: Request) -> Response:
        text = (await request.json())["input"]
        if text == "busy":
            return Response(status_code=429, headers={"Retry-After": "7"})
        if text == "silent":
            return await self._say_nothing(request)
        if text in WORDS:
            return WORDS[text]()
        pieces = {"endless": self._endless, "two pieces": self._two_pieces, "broken": self._broken}
        return StreamingResponse(pieces[text](), media_type="text/event-stream")

    async def _profile(self, request: Request) -> Response:
        async with request.form() as form:
            name = str(form["name"])
        return await self._say_nothing(request) if name == "silent" else WORDS[name]()

    def _delete(self, voice_id: str) -> None:
        self.deleted.append(voice_id)

    async def _say_nothing(self, request: Request) -> Response:
        self.asked.set()
        while (await request.receive())["type"] != "http.disconnect":
            pass
        self.left.set()
        return Response()

    async def _endless(self) -> AsyncIterator[bytes]:
        try:
            while True:
                yield EVENT
                await asyncio.sleep(0.02)
        finally:
            self.left.set()

    async def _two_pieces(self) -> AsyncIterator[bytes]:
        yield EVENT
        went_on = await asyncio.to_thread(self.go_on.wait, 20)
        assert went_on, "the first piece was held back until the second"
        yield EVENT

    async def _broken(self) -> AsyncIterator[bytes]:
        yield EVENT
        raise RuntimeError("the service dies")
