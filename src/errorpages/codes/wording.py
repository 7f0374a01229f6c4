"""What visitors read: a title, what happened and one next step for each status code from 400 up.

This English is the source that `errorpages.translation` translates: whole plain sentences, nothing filled in. The title
becomes the page's heading. Codes that mean the same to a visitor share their words.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one page: plain text, in English.

    >>> from errorpages.codes import CLASS_WORDING
    >>> CLASS_WORDING["5xx"].title
    "There's a problem with the service"
    """

    title: str
    message: str
    next_step: str


_LATER = "Try again later."
_WAIT = "Wait a while, then try again."
_WHEN_DONE = "Come back later, when the work is done."
_TRY_LATER = "Try again later. If this keeps happening, contact us and quote any reference shown on this page."
_RELOAD = "Go back, reload the page and try again."
_AGAIN_OR_UPDATE = "Go back, reload the page and try again. If that doesn't help, update your browser or app."
_SEND_ONCE = "Try again. If you were sending something, check whether it arrived before you send it again."
_LATEST = "Reload the page to get the latest version, then make your change again."

_NOT_UNDERSTOOD = Wording(
    "The request couldn't be understood",
    "Something your browser or app sent wasn't in the form this site expects.",
    _RELOAD,
)
_NOT_COMPLETED = Wording(
    "This request couldn't be completed",
    "Something about the request stopped this site from doing what was asked.",
    "Go back to the page you came from and try again.",
)
_TOO_MANY = Wording(
    "Too many requests just now",
    "A lot of requests came from you, or from the network you're on, in a short time.",
    _WAIT,
)
_EXTRA_TOO_LONG = Wording(
    "The request was too long",
    "Your browser sent more extra information than this site accepts. Stored cookies are often the reason.",
    "Clear the cookies for this site in your browser, then reload the page.",
)
_CONNECTION_NOT_ACCEPTED = Wording(
    "This kind of connection isn't accepted",
    "Your browser or app connects in a way that this site doesn't use.",
    "Update your browser or app, then try again.",
)
_CONNECTION_CLOSED = Wording(
    "The connection was closed",
    "It closed before this page could be sent to you.",
    "Reload the page to try again.",
)
_BLOCKED = Wording(
    "This request was blocked",
    "A security check stopped it. That can happen when a request looks unusual or automated.",
    "Wait a while, then try again. If it's blocked again, contact us.",
)
MAINTENANCE = Wording(
    "The service is closed for maintenance",
    "It has been closed for a while so that planned work can be done on it.",
    _WHEN_DONE,
)
"""Planned downtime: status 503, but nothing went wrong."""

CSRF = Wording(
    "This form has expired",
    "For your security, a form only works for a limited time, and only with the cookies of this site.",
    "Go back, reload that page, fill in the form again and send it. Allow cookies for this site.",
)
"""A form that was refused for its CSRF token."""

_SERVICE_PROBLEM = Wording(
    "There's a problem with the service",
    "Something went wrong on our side, so this couldn't be completed.",
    _TRY_LATER,
)
_NOT_RESPONDING = Wording(
    "The service isn't responding",
    "The site was asked for this page, but no usable answer came back.",
    _TRY_LATER,
)

WAITING = frozenset({_LATER, _WAIT, _WHEN_DONE})
"""Next steps that say nothing but to wait: they go where a page says how long."""

CLASS_WORDING: dict[str, Wording] = {"4xx": _NOT_COMPLETED, "5xx": _SERVICE_PROBLEM}
"""The words for a code that nobody defined, by its class."""

WORDING: dict[int, Wording] = {
    400: _NOT_UNDERSTOOD,
    401: Wording(
        "You need to sign in",
        "This page is only for people who are signed in.",
        "Sign in, then come back to this page.",
    ),
    402: Wording(
        "Payment is needed",
        "What you asked for is only available once it has been paid for.",
        "Check your plan or your payment details, then try again.",
    ),
    403: Wording(
        "You don't have access to this page",
        "Your account, or the way you're connected, isn't allowed to open it.",
        "If you have another account, sign in with that one. Otherwise ask the owner of the page for access.",
    ),
    404: Wording(
        "Page not found",
        "There's nothing at this address. The page may have moved, or the address may be incomplete.",
        "Check that the address is correct. If a link brought you here, tell us which one.",
    ),
    405: Wording(
        "This page can't be used that way",
        "It's there, but it doesn't do what your browser or app tried to do with it.",
        "Go back to the page you came from and continue from there.",
    ),
    406: Wording(
        "This isn't available in that format",
        "It doesn't come in any of the formats or languages that were asked for.",
        "Choose another format or language, or open this address in a web browser.",
    ),
    407: Wording(
        "Sign in to your network first",
        "The network you're using asks people to sign in before it opens other sites.",
        "Sign in with your details for that network, then reload this page.",
    ),
    408: Wording(
        "This took too long",
        "Not everything that your browser was sending arrived in time.",
        _SEND_ONCE,
    ),
    409: Wording(
        "This has changed in the meantime",
        "What you sent doesn't fit how things are now. Someone else may have changed the same thing.",
        _LATEST,
    ),
    410: Wording(
        "This page has been removed",
        "It was taken down on purpose and isn't expected to return.",
        "Go to the home page to find something else.",
    ),
    411: Wording(
        "Part of the request was missing",
        "Your browser or app didn't say how much it was going to send, so this site couldn't accept it.",
        _AGAIN_OR_UPDATE,
    ),
    412: Wording(
        "This has changed in the meantime",
        "It's no longer the version you were looking at, so your change wasn't made.",
        _LATEST,
    ),
    413: Wording(
        "That upload is too large",
        "What you sent is larger than this page accepts.",
        "Go back and send something smaller, or send it in several parts.",
    ),
    414: Wording(
        "The address is too long",
        "The address of this page is longer than this site can handle.",
        "Shorten the address, or start again from the home page.",
    ),
    415: Wording(
        "That format isn't accepted",
        "What you sent is in a format that this page can't use.",
        "Save it in another format, then send it again.",
    ),
    416: Wording(
        "That part of the file isn't available",
        "Only a part of the file was asked for, and the file doesn't have that part. It may have changed.",
        "Start the download again from the beginning.",
    ),
    417: Wording(
        "The request couldn't be accepted",
        "Your browser or app expected something that this site can't do.",
        _AGAIN_OR_UPDATE,
    ),
    418: Wording(
        "This can't be done here",
        "This address doesn't do what was asked of it.",
        "Go back to the page you came from, or start again from the home page.",
    ),
    419: Wording(
        "This page has expired",
        "For your security, it only works for a limited time after it's opened.",
        "Reload the page, then fill it in and send it again.",
    ),
    420: _TOO_MANY,
    421: Wording(
        "The request went to the wrong place",
        "Your browser connected to a part of this site that can't show this page.",
        "Reload the page. If that doesn't help, close your browser, then open it and come back.",
    ),
    422: Wording(
        "Some details couldn't be accepted",
        "What you sent has arrived, but part of it is missing or isn't in the form that's needed.",
        "Go back, check the details and send them again.",
    ),
    423: Wording(
        "This is locked at the moment",
        "It may be in use by someone else, so it can't be changed.",
        "Wait until they've finished, then try again.",
    ),
    424: Wording(
        "An earlier step didn't work",
        "This depends on another change that couldn't be made, so it wasn't carried out either.",
        "Go back and check the earlier step, then try again.",
    ),
    425: Wording(
        "This arrived too early",
        "The secure connection wasn't quite ready, so to be safe nothing was carried out.",
        "Try again.",
    ),
    426: _CONNECTION_NOT_ACCEPTED,
    427: _NOT_COMPLETED,
    428: Wording(
        "This may have changed in the meantime",
        "To protect other people's work, this site needs to know which version you're changing.",
        _LATEST,
    ),
    429: _TOO_MANY,
    430: _BLOCKED,
    431: _EXTRA_TOO_LONG,
    440: Wording(
        "You've been signed out",
        "You hadn't used this site for a while, so your visit was ended to keep your account safe.",
        "Sign in again, then go back to what you were doing.",
    ),
    444: _CONNECTION_CLOSED,
    449: Wording(
        "Some information is missing",
        "A detail that's needed here wasn't included.",
        "Go back, add anything that's missing and try again.",
    ),
    450: Wording(
        "This page is blocked by parental controls",
        "The family safety settings of this device or network don't allow it.",
        "Ask the person who looks after those settings to allow this page.",
    ),
    451: Wording(
        "Not available for legal reasons",
        "This page can't be shown to you because of a legal demand.",
        "If you have a question about this, contact us.",
    ),
    460: _CONNECTION_CLOSED,
    463: Wording(
        "The request couldn't be delivered",
        "It passed through too many other networks on its way to this site.",
        "Turn off any VPN or privacy relay, or try again from a different network.",
    ),
    464: _CONNECTION_NOT_ACCEPTED,
    494: _EXTRA_TOO_LONG,
    495: Wording(
        "Your security certificate wasn't accepted",
        "The certificate that your browser used to show who you are has expired or isn't recognised here.",
        "Choose another certificate, or ask whoever gave you this one for a new one.",
    ),
    496: Wording(
        "A security certificate is needed",
        "This page only opens for browsers that hold a personal certificate.",
        "Add the certificate you were given to your browser, then reload this page.",
    ),
    497: Wording(
        "This page needs a secure connection",
        "It was opened over a connection that isn't secure.",
        "Change the start of the address to https:// and try again.",
    ),
    498: Wording(
        "Your access has expired",
        "The sign-in details that came with this request are no longer valid or aren't recognised.",
        "Sign in again, then go back to what you were doing.",
    ),
    499: _CONNECTION_CLOSED,
    500: _SERVICE_PROBLEM,
    501: Wording(
        "The service can't do that",
        "It doesn't offer what was asked for.",
        "Go back to the page you came from and try another way.",
    ),
    502: Wording(
        "The service isn't available right now",
        "One part of it couldn't get a proper answer from another.",
        _LATER,
    ),
    503: Wording(
        "The service isn't available right now",
        "It may be very busy, or closed while work is done on it.",
        _LATER,
    ),
    504: Wording(
        "This took too long",
        "One part of the service waited for another, and no answer came in time.",
        _SEND_ONCE,
    ),
    505: _CONNECTION_NOT_ACCEPTED,
    506: Wording(
        "There's a problem with the service",
        "The site couldn't choose which version of this page to show you.",
        _TRY_LATER,
    ),
    507: Wording(
        "There isn't enough space to save this",
        "The service has no room left for what you sent.",
        "Remove something you no longer need, or contact us for more space.",
    ),
    508: Wording(
        "There's a problem with the service",
        "What was asked for kept leading back to itself, so it was stopped.",
        _TRY_LATER,
    ),
    509: Wording(
        "This site has reached its limit",
        "It has been used more than its current allowance permits.",
        _LATER,
    ),
    510: Wording(
        "Part of the request was missing",
        "The service needs more information from your browser or app to do this.",
        _AGAIN_OR_UPDATE,
    ),
    511: Wording(
        "Sign in to this network",
        "The network you're connected to wants you to sign in, or to accept its terms, before you go online.",
        "Open the network's sign-in page and follow its steps. Then reload this page.",
    ),
    520: _NOT_RESPONDING,
    521: _NOT_RESPONDING,
    522: _NOT_RESPONDING,
    523: _NOT_RESPONDING,
    524: _NOT_RESPONDING,
    525: _NOT_RESPONDING,
    526: _NOT_RESPONDING,
    527: _NOT_RESPONDING,
    529: Wording(
        "The service is very busy",
        "It has more to do at the moment than it can manage.",
        _WAIT,
    ),
    530: Wording(
        "The service isn't available right now",
        "It can't be reached, or it has been paused.",
        _LATER,
    ),
    540: Wording(
        "This page is switched off for now",
        "It has been turned off for the time being.",
        "Try again later, or go to the home page to find something else.",
    ),
    560: _NOT_RESPONDING,
    561: Wording(
        "Signing in didn't work",
        "The service couldn't confirm who you are.",
        "Go back and sign in again. If it doesn't work a second time, contact us.",
    ),
    598: _NOT_RESPONDING,
    599: _NOT_RESPONDING,
    783: _NOT_UNDERSTOOD,
    999: _BLOCKED,
}
