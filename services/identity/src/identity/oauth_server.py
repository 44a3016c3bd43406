"""The authorization server: Authlib's core and grants over our stores.

Authlib is synchronous, so `authorize` and `token` run in a worker thread; the grants call back into the
event loop for everything that touches a store.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, ClassVar, TypeVar

import anyio.from_thread
import anyio.to_thread
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidGrantError, InvalidRequestError, OAuth2Error
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from identity.issuing import Issuer, new_secret
from identity.oauth_clients import OAuthClient
from identity.oauth_requests import Answer, OAuthRequest, Pairs
from identity.store.sign_ins import CodeGrant, RefreshGrant, SignIn

T = TypeVar("T")
SCOPES = ("openid", "care", "notes", "internal")
_WAYS = ["client_secret_basic", "client_secret_post", "none"]


def _await(work: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
    return anyio.from_thread.run(work, *args)


class S256(CodeChallenge):  # type: ignore[misc]
    """PKCE for everyone, by SHA-256 alone."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)
    CODE_CHALLENGE_METHODS: ClassVar = {"S256": CodeChallenge.CODE_CHALLENGE_METHODS["S256"]}

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Raises InvalidRequestError without a challenge or for another method."""
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("A code_challenge by S256 is needed.")
        super().validate_code_challenge(grant, redirect_uri)


class Code(AuthorizationCodeGrant):  # type: ignore[misc]
    """A person comes in at the page; the program trades the code for tokens."""

    TOKEN_ENDPOINT_AUTH_METHODS = _WAYS

    def generate_authorization_code(self) -> str:
        """A fresh code."""
        return new_secret()

    def save_authorization_code(self, code: str, request: OAuthRequest) -> None:
        """Keep what it stands for."""
        asked = request.payload.data
        grant = CodeGrant(
            sign_in=request.user,
            redirect_uri=asked["redirect_uri"],
            scope=request.scope,
            code_challenge=asked["code_challenge"],
            code_challenge_method="S256",
            nonce=asked.get("nonce"),
        )
        _await(self.server.issuer.sign_ins.add_code, code, grant)

    def validate_token_request(self) -> None:
        """As Authlib does; the resource first, so that a wrong one does not cost the code."""
        self.audience = self.request.audience("identity")
        super().validate_token_request()

    def query_authorization_code(self, code: str, client: OAuthClient) -> CodeGrant | None:
        """Use the code up."""
        found: CodeGrant | None = _await(self.server.issuer.sign_ins.take_code, code, client.client_id)
        return found

    def authenticate_user(self, authorization_code: CodeGrant) -> str:
        """Whose code it is."""
        return authorization_code.sign_in.person_id

    def generate_token(self, **asked: Any) -> dict[str, Any]:
        """The tokens."""
        client, code = self.request.client, self.request.authorization_code
        return _await(self.server.issuer.first, client, code, self.audience)

    def delete_authorization_code(self, authorization_code: CodeGrant) -> None:
        """It is used up already; its row stays a while, to notice a second use."""


class Refresh(RefreshTokenGrant):  # type: ignore[misc]
    """A sign-in goes on."""

    TOKEN_ENDPOINT_AUTH_METHODS = _WAYS

    def validate_token_request(self) -> None:
        """As Authlib does; the resource first, so that a wrong one does not cost the token."""
        self.audience = self.request.audience("identity")
        super().validate_token_request()

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshGrant | None:
        """What it stands for, while its sign-in runs."""
        sign_ins = self.server.issuer.sign_ins
        found: RefreshGrant | None = _await(sign_ins.find_refresh, refresh_token)
        return found if found and _await(sign_ins.is_running, found) else None

    def authenticate_user(self, refresh_token: RefreshGrant) -> str:
        """Whose it is."""
        return refresh_token.sign_in.person_id

    def issue_token(self, user: str, refresh_token: RefreshGrant) -> dict[str, Any]:
        """The next tokens."""
        scope = self.request.payload.scope or refresh_token.scope
        return _await(self.server.issuer.next, self.request.client, refresh_token, self.audience, scope)

    def revoke_old_credential(self, refresh_token: RefreshGrant) -> None:
        """A rotating one is used up before its successor exists."""


class ServiceCredentials(ClientCredentialsGrant):  # type: ignore[misc]
    """A service asks for itself."""

    TOKEN_ENDPOINT_AUTH_METHODS = _WAYS[:2]

    def generate_token(self, **asked: Any) -> dict[str, Any]:
        """Its token."""
        client: OAuthClient = self.request.client
        scope = self.request.payload.scope
        if scope and client.get_allowed_scope(scope) is None:
            raise InvalidGrantError("This scope is not for services.")
        return _await(self.server.issuer.for_service, client, self.request.audience("identity"))


class OAuthServer(AuthorizationServer):  # type: ignore[misc]
    """Authlib's server with our clients and stores."""

    def __init__(self, clients: Mapping[str, OAuthClient], issuer: Issuer) -> None:
        super().__init__(scopes_supported=SCOPES)
        self.clients = clients
        self.issuer = issuer
        self.register_grant(Code, [S256(required=True)])
        self.register_grant(Refresh)
        self.register_grant(ServiceCredentials)

    def query_client(self, client_id: str) -> OAuthClient | None:
        """The program of that id."""
        return self.clients.get(client_id)

    def save_token(self, token: dict[str, Any], request: OAuthRequest) -> None:
        """Access tokens are not kept; refresh tokens are, where they are made."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuthRequest) -> OAuthRequest:
        """It is one already."""
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Answer:
        """The answer, for the edge to send."""
        return Answer(status, body, dict(headers))

    async def asked(self, pairs: Pairs) -> tuple[OAuthClient, str]:
        """The program of an authorization request, and where the answer goes. Raises OAuth2Error."""
        grant = await self._consent(pairs)
        return grant.request.client, str(grant.redirect_uri)

    async def admit(self, pairs: Pairs, sign_in: SignIn) -> Answer:
        """Send somebody who has come in back to the program, with a code."""
        grant = await self._consent(pairs)
        answer: Answer = await _in_thread(self.create_authorization_response, grant.request, sign_in, grant)
        return answer

    async def token(self, pairs: Pairs, headers: Mapping[str, str]) -> Answer:
        """Answer a request of the token endpoint."""
        request = OAuthRequest("POST", pairs, headers)
        try:
            request.refuse_repeats()
            answer: Answer = await _in_thread(self.create_token_response, request)
        except OAuth2Error as error:
            answer = self.handle_error_response(request, error)
        return answer

    async def client_of(self, pairs: Pairs, headers: Mapping[str, str]) -> OAuthClient:
        """The authenticated program of a request to another endpoint. Raises OAuth2Error."""
        request = OAuthRequest("POST", pairs, headers)
        client: OAuthClient = await _in_thread(self.authenticate_client, request, _WAYS)
        return client

    async def _consent(self, pairs: Pairs) -> Any:
        request = OAuthRequest("GET", pairs)
        request.refuse_repeats()
        return await _in_thread(self.get_consent_grant, request)


async def _in_thread(work: Callable[..., Any], *args: Any) -> Any:
    try:
        return await anyio.to_thread.run_sync(work, *args)
    except OAuth2Error:
        raise
    except ValueError as error:
        # Authlib puts what was sent into its descriptions and then refuses characters of it.
        raise InvalidRequestError("The request holds a value that cannot be used.") from error
