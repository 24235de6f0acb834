"""Files: an address to upload to, the bytes, and the object Slack shows for them."""

import mimetypes
import secrets
from dataclasses import dataclass

from sandbox.slack import seed
from sandbox.slack.message import Json


@dataclass
class Upload:
    """A file on its way; `content` is None until its bytes have come."""

    id: str
    name: str
    length: int
    alt_text: str = ""
    title: str = ""
    content: bytes | None = None

    @property
    def mimetype(self) -> str:
        """By the name's ending, as Slack guesses it."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def shown(self, origin: str, created: int) -> Json:
        """Return the file object of the Web API."""
        url = f"{origin}/files/{self.id}/{self.name}"
        kind = self.name.rpartition(".")[2].lower()
        return {
            "id": self.id,
            "created": created,
            "timestamp": created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "filetype": kind,
            "pretty_type": kind.upper(),
            "user": seed.BOT_USER,
            "user_team": seed.TEAM_ID,
            "editable": False,
            "size": len(self.content or b""),
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": True,
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": url,
            "url_private_download": url,
            "permalink": url,
            "alt_txt": self.alt_text,
            "has_rich_preview": False,
            "file_access": "visible",
        }


class Uploads:
    """All files of the workspace by id."""

    def __init__(self) -> None:
        self._held: dict[str, Upload] = {}

    def expect(self, name: str, length: int, alt_text: str) -> Upload:
        """Reserve an id for a file of that many bytes."""
        upload = Upload("F" + secrets.token_hex(5).upper(), name, length, alt_text)
        self._held[upload.id] = upload
        return upload

    def get(self, file_id: str) -> Upload | None:
        """Return a file by id."""
        return self._held.get(file_id)
