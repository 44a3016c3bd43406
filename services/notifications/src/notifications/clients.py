"""HTTP and SMTP out: the mail server and the text-message gateway."""

from email.message import EmailMessage
from email.utils import format_datetime, formataddr

import aiosmtplib
import httpx

from chassis.errors import Unavailable
from contracts.identity import Contact
from notifications.deliveries import now, sender_of
from notifications.settings import Settings


class Gateways:
    """Hands a message to the channel; raises OSError or Unavailable where it was not taken."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._http = httpx.AsyncClient(timeout=settings.send_s)

    async def send(self, channel: str, contact: Contact, text: str, *, message_id: str) -> None:
        """Send by e-mail or text; a `page` notice needs no sending. The id makes a repeat recognisable."""
        if channel == "email":
            await self._mail(contact, text, message_id)
        elif channel == "sms":
            await self._text(contact, text, message_id)

    async def _mail(self, contact: Contact, text: str, message_id: str) -> None:
        message = EmailMessage()
        message["From"] = formataddr((self._sender(contact), self._settings.sender_address))
        message["To"] = contact.email
        message["Subject"] = text.splitlines()[0]
        message["Date"] = format_datetime(now())
        message["Message-ID"] = f"<{message_id}@kith.example>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            await aiosmtplib.send(
                message,
                hostname=self._settings.smtp_host,
                port=self._settings.smtp_port,
                timeout=self._settings.send_s,
                start_tls=False,
            )
        except aiosmtplib.SMTPException as error:
            raise Unavailable("The mail server did not take the message.") from error

    async def _text(self, contact: Contact, text: str, message_id: str) -> None:
        body = {"to": contact.phone, "sender": self._sender(contact), "text": text, "id": message_id}
        try:
            answer = await self._http.post(self._settings.sms_url, json=body)
        except httpx.HTTPError as error:
            raise Unavailable("The text-message gateway did not answer.") from error
        if answer.status_code >= 300:
            raise Unavailable("The text-message gateway did not take the message.")

    def _sender(self, contact: Contact) -> str:
        return sender_of(contact.sender_name, self._settings.sender_name)
