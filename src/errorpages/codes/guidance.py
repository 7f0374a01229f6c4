"""What developers read: what each status code tells a client, and when to send it rather than its neighbours."""

from __future__ import annotations

from typing import NamedTuple


class Guidance(NamedTuple):
    """Two short texts on one status code, in English."""

    meaning: str
    use_when: str


GUIDANCE: dict[int, Guidance] = {
    100: Guidance(
        "The beginning of the request is acceptable so far and the client should go on and send the body.",
        "Left to the web server, which sends it when the request's Expect field asks for it. To refuse before the "
        "body arrives, send the final status at once, such as 401 or 413.",
    ),
    101: Guidance(
        "The server agrees to the client's Upgrade field and speaks the named protocol from here on, such as "
        "WebSocket.",
        "Left to the server or the WebSocket library, over HTTP/1.1 only. To demand an upgrade that the client did "
        "not ask for, send 426.",
    ),
    102: Guidance(
        "An early sign of life: the request has arrived and is still being worked on.",
        "Dropped from WebDAV and best avoided. For work that takes long, answer 202 and say where to follow it; to "
        "let a browser load resources early, 103.",
    ),
    103: Guidance(
        "A preview of the final response's fields, so that the client can start to load what its Link fields name.",
        "Send it before a final response that takes time to make, with Link fields for preload or preconnect. The "
        "final status, usually 200, still has to follow.",
    ),
    104: Guidance(
        "The upload in progress can be resumed if it is cut off; the Location field names where.",
        "Only for servers that follow the draft on resumable uploads; it precedes a final status such as 201. It says "
        "nothing about the result, and other early fields belong in 103.",
    ),
    200: Guidance(
        "The request succeeded and the body holds the result.",
        "The normal success. Prefer 201 when something was created, 202 when the work is only queued, 204 when there "
        "is nothing to return. Never send it with a failure in the body: caches and monitors believe the status.",
    ),
    201: Guidance(
        "The request succeeded and created a resource, named by Location or else by the request's own URL.",
        "For a POST or PUT that made something new. An update of what existed is 200 or 204; a creation that is yet "
        "to happen is 202.",
    ),
    202: Guidance(
        "The request has been taken on, but the work is not finished and may still fail.",
        "For queued jobs and batches; point to something the client can poll. If the work is done, send 200 or 201.",
    ),
    203: Guidance(
        "A success whose content was changed on the way by a proxy that transforms it.",
        "For transforming proxies only. An application sends 200.",
    ),
    204: Guidance(
        "The request succeeded and the response has no body; a browser stays on the page it shows.",
        "For a save or a delete that has nothing to report. With something to show send 200; to have a form cleared, "
        "205; 304 is for conditional requests only.",
    ),
    205: Guidance(
        "The request succeeded and the client should reset the view that sent it, as after an entered form.",
        "Rarely supported by browsers. Prefer 204, or 303 to a fresh form.",
    ),
    206: Guidance(
        "The body is the part, or the parts, of the content that the Range field asked for.",
        "Only in answer to a GET with Range, with a Content-Range field or a multipart body. Ignore Range and send "
        "200 if in doubt; if no part of the range exists, 416.",
    ),
    207: Guidance(
        "The XML body carries a status of its own for each of several WebDAV resources.",
        "For WebDAV. A plain JSON API reads better with 200 and the outcome of each item in the body.",
    ),
    208: Guidance(
        "Inside a 207 body: the members of this WebDAV binding were listed earlier and are not repeated.",
        "Only within 207, for clients that announce support for bindings. Without it a loop of bindings is 508.",
    ),
    226: Guidance(
        "The body is the result of instance manipulations, such as a difference from the version the client holds.",
        "Only in answer to a GET with A-IM, with ETag and IM. For byte ranges send 206, else 200.",
    ),
    300: Guidance(
        "Several representations exist and the client, or its user, is to choose one.",
        "Rarely of use: negotiate and send 200, or redirect with 303 or 302. Refuse with 406 where nothing fits.",
    ),
    301: Guidance(
        "A permanent redirect: the resource has a new permanent URL, in Location. Clients may change a POST into a "
        "GET.",
        "For moved pages that are read with GET. To keep method and body, 308; for a move that may end, 302 or 307; "
        "for a page that has no successor, 410.",
    ),
    302: Guidance(
        "A passing redirect: the resource is for now at the URL in Location. Clients may change a POST into a GET.",
        "For passing redirects of pages. Be exact where it matters: 303 after a form was processed, 307 to keep "
        "method and body, 301 or 308 for a permanent move.",
    ),
    303: Guidance(
        "A redirect to another answer: it is at the URL in Location, to be fetched with GET whatever the method was.",
        "After a successful POST, so that a reload does not send the form again. To repeat the request elsewhere with "
        "its method, 307.",
    ),
    304: Guidance(
        "The client's stored copy is still good, so no body is sent.",
        "Only for a GET or HEAD with If-None-Match or If-Modified-Since. A failed condition on a write is 412.",
    ),
    305: Guidance(
        "Once told the client to repeat the request through a given proxy; deprecated as a security risk.",
        "Never. A proxy that wants credentials sends 407.",
    ),
    306: Guidance(
        "Reserved; an early draft used it to switch proxies.",
        "Never. Redirect with 302, 303, 307 or 308.",
    ),
    307: Guidance(
        "A passing redirect: the resource is for now at the URL in Location, and the request is to be repeated there "
        "unchanged.",
        "For a passing redirect that must keep method and body. A permanent one is 308; one that should become a GET, "
        "303.",
    ),
    308: Guidance(
        "A permanent redirect: the resource has a new permanent URL, in Location, and method and body stay as they "
        "are.",
        "For APIs and forms that moved for good. For pages read with GET, 301 does as well; for a passing move, 307.",
    ),
    400: Guidance(
        "The request is malformed: broken syntax, framing or encoding, or missing what every such request needs.",
        "For what cannot be read, such as JSON that does not parse. If it reads well but fails validation, send 422; "
        "if its type is not supported, 415; if it clashes with stored state, 409.",
    ),
    401: Guidance(
        "The request lacks valid authentication credentials. WWW-Authenticate names at least one way to supply them.",
        "When a login or token is missing, wrong or expired, and credentials would help. If it is known who asks and "
        "they may not, 403; a proxy's own demand is 407, and a network's sign-in page 511.",
    ),
    402: Guidance(
        "Reserved for payments; there is no agreed meaning, and APIs use it for unpaid accounts and refused cards.",
        "When a payment would unlock the request, and it is documented. If permission is missing for another reason, "
        "send 403; for a used-up quota that renews by itself, 429.",
    ),
    403: Guidance(
        "The request was understood and is refused, for lack of permission or for a rule such as CSRF protection; the "
        "same credentials will not change that.",
        "When it is known who asks and they may not, or when nobody may. If signing in could help, 401; to hide that "
        "the resource exists, 404; for a legal demand, 451.",
    ),
    404: Guidance(
        "No current representation exists at this URL, or the server will not say that one does. It may come back.",
        "The default for an unknown route or record. If it was removed for good, send 410; if it moved, 301 or 308; "
        "if only the method is wrong, 405.",
    ),
    405: Guidance(
        "The resource exists but does not support this method; Allow lists those it supports.",
        "When the route is known and the method is not allowed on it. If no resource of the server knows the method, "
        "501; if this user may not use it, 403; if there is no such route, 404.",
    ),
    406: Guidance(
        "No representation fits the request's Accept, Accept-Language or Accept-Encoding field, and no default is "
        "sent instead.",
        "Rarely: serving a default is allowed and usually kinder. It is about what the client wants to receive; what "
        "it sent in a format the server does not take is 415.",
    ),
    407: Guidance(
        "A proxy wants credentials for itself, as its Proxy-Authenticate field describes.",
        "For proxies only. An application asks for credentials with 401; the sign-in page of a network is 511.",
    ),
    408: Guidance(
        "The server gave up waiting for the whole request to arrive; the client may send it again.",
        "For a request that arrives too slowly, mostly left to the web server. If the application or what it calls is "
        "slow, that is 504, or 503 under overload.",
    ),
    409: Guidance(
        "The request clashes with the present state of the resource, in a way the client may be able to resolve.",
        "For duplicate keys, edit conflicts, and steps out of order. With If-Match that fails, 412; for input that is "
        "wrong whatever the state, 422; for a lock, 423.",
    ),
    410: Guidance(
        "The resource was removed on purpose and is probably not coming back; links to it should go.",
        "When the removal is known to be permanent, as with an ended campaign or a closed account. If unsure, 404; if "
        "it lives on elsewhere, 301 or 308.",
    ),
    411: Guidance(
        "The server will not take the request without a Content-Length field.",
        "When the size must be known first and the body comes without one. A malformed length is 400; one beyond the "
        "limit is 413.",
    ),
    412: Guidance(
        "A condition in the request, such as If-Match or If-Unmodified-Since, is false, so nothing was done.",
        "When the client's own condition fails, as in optimistic locking. If it ought to have sent one and did not, "
        "428; for a clash found without conditions, 409; for If-None-Match on GET or HEAD, 304.",
    ),
    413: Guidance(
        "The body exceeds the size that the server will take; Retry-After says so where the limit is a passing one.",
        "For uploads and bodies over the limit, early if Content-Length already tells. Over-long header fields are "
        "431, over-long URLs 414, and a full disk or storage quota 507.",
    ),
    414: Guidance(
        "The URL is longer than the server will interpret.",
        "Often a form that should use POST, or a redirect that feeds on itself. A body that is too large is 413, and "
        "header fields that are too large are 431.",
    ),
    415: Guidance(
        "The body's Content-Type or Content-Encoding is not one that this resource takes for this method.",
        "When the format is not supported at all, naming supported ones in Accept, Accept-Patch or Accept-Encoding. "
        "If the format is right and the values are not, 422; if it does not parse, 400; for formats to receive, 406.",
    ),
    416: Guidance(
        "None of the ranges in the Range field can be served; Content-Range tells the actual size.",
        "Only for range requests. To ignore the Range field is allowed too: send the whole as 200. If part of it "
        "fits, send that as 206; a condition that fails is 412.",
    ),
    417: Guidance(
        "The expectation in the Expect field cannot be met by a server on the way.",
        "For an Expect field other than 100-continue, mostly left to the web server; the client repeats without it. "
        "For a condition that fails, send 412; for a malformed field, 400.",
    ),
    418: Guidance(
        "Reserved because of the April Fools' joke about a teapot that cannot brew coffee.",
        "Not in earnest: nobody can tell what it means. To refuse a client, send 403; for what is not built, 501; for "
        "a passing refusal, 503.",
    ),
    419: Guidance(
        "Laravel: the form's CSRF token is missing or expired. ASP.NET Core lists it as authentication timeout, and "
        "Spring as insufficient space on the resource.",
        "Not a registered code. Send 403 for a failed CSRF check, 401 for a session that ended, 507 for lack of space.",
    ),
    420: Guidance(
        "Twitter's early API: slow down, the rate limit has been reached. Spring lists it as method failure, from a "
        "WebDAV draft.",
        "Not a registered code. Send 429 with Retry-After for rate limits, and 424 for a step that failed.",
    ),
    421: Guidance(
        "The connection leads to a server that does not answer for this scheme and host; a new connection may do.",
        "For a host that this server is not configured for, as happens when HTTP/2 connections are shared. If the "
        "host is right and the page is missing, 404; a malformed Host field is 400.",
    ),
    422: Guidance(
        "The body's type is supported and its syntax is right, but its content cannot be processed, as when "
        "validation fails.",
        "For validation: a missing field, a value out of range. If it cannot be parsed, send 400; if it clashes with "
        "stored state, as a name already taken does, 409; if the type is unsupported, 415.",
    ),
    423: Guidance(
        "The source or the destination of the request is locked, in the sense of WebDAV.",
        "When a lock with an owner is in the way. For other conflicts with the present state, 409; for a plain lack "
        "of permission, 403; for a false condition, 412.",
    ),
    424: Guidance(
        "The action was not carried out because another action that it depends on failed.",
        "For the members of a WebDAV batch, inside 207. If the request itself clashes with state, 409; if a service "
        "behind yours failed, 502 or 503.",
    ),
    425: Guidance(
        "The request came in TLS early data, which can be replayed, and the server will not risk acting on it.",
        "Only for requests in early data, known by Early-Data: 1 behind a proxy; the client sends it again after the "
        "handshake. For a client that asks too often, 429; for a server that is not ready, 503.",
    ),
    426: Guidance(
        "The server refuses this protocol but would serve the request after a switch to one named in Upgrade.",
        "When a resource works only over another protocol, such as WebSocket. For a major version of HTTP that is not "
        "supported, 505; to lead from http to https, redirect with 308.",
    ),
    427: Guidance(
        "Unassigned: no specification defines it, so a client treats it as 400.",
        "Never. For a request that is wrong in a way no other code describes, send 400.",
    ),
    428: Guidance(
        "The server demands a condition, such as If-Match, so that nobody overwrites a change they have not seen.",
        "When a write comes without a condition and the API requires one. If there is one and it fails, 412; if edits "
        "clash without conditions, 409.",
    ),
    429: Guidance(
        "The client hit a rate limit or quota and is throttled. Retry-After may tell how long to wait.",
        "For a client, user or key that sends too many requests in a given time. If the whole service is overloaded, "
        "whoever asks, send 503; if the client is shut out for good, 403.",
    ),
    430: Guidance(
        "Shopify: a request was refused as probably malicious. An abandoned proposal meant header fields too large.",
        "Not a registered code. Send 403 for a security refusal, 429 for throttling, 431 for header fields too large.",
    ),
    431: Guidance(
        "The header fields are too large, taken together or one of them, often because of cookies.",
        "When the fields exceed a limit; name the one at fault. Too large a body is 413, too long a URL 414, and a "
        "malformed field 400.",
    ),
    440: Guidance(
        "IIS: the session has ended and the client must log in again.",
        "Not a registered code. Send 401 with WWW-Authenticate to an API's clients, and redirect people to the log-in "
        "page with 303.",
    ),
    444: Guidance(
        "nginx: an internal instruction to close the connection without any response; no client ever sees it.",
        "Only in nginx's configuration, against hostile traffic. An application that refuses sends 400 or 403.",
    ),
    449: Guidance(
        "IIS: repeat the request after supplying what the Ms-Echo-Request field asks for.",
        "Not a registered code. Send 400 or 422 when information is missing, and 428 when a condition is.",
    ),
    450: Guidance(
        "Microsoft: parental controls on the device or network block the page.",
        "Not a registered code, and never an application's to send. For an age or permission rule of your own, 403; "
        "for a legal demand, 451.",
    ),
    451: Guidance(
        "Access is denied because of a legal demand; Link with rel=blocked-by names who carries out the block.",
        "When a court order, law or takedown is the reason, with an explanation in the body. If it is your own "
        "policy, 403; if the content was removed altogether, 410.",
    ),
    460: Guidance(
        "AWS load balancer: the client closed the connection before the answer was ready; seen in logs only.",
        "Not a registered code, and never an application's to send. Make slow requests quicker, or answer 202; where "
        "you do time out on something behind you, send 504.",
    ),
    463: Guidance(
        "AWS load balancer: the X-Forwarded-For field lists more than 30 addresses.",
        "Not a registered code. For forwarding fields that are malformed send 400, and for too large ones 431. A loop "
        "between proxies is a likely cause.",
    ),
    464: Guidance(
        "AWS load balancer: the client's protocol does not fit the version that its target group is set to.",
        "Not a registered code. Send 505 for a version of HTTP that is not supported, and 426 where another protocol "
        "is required.",
    ),
    494: Guidance(
        "nginx: an internal code for header fields or cookies too large; clients see 400 unless it is configured.",
        "Not a registered code. Send 431.",
    ),
    495: Guidance(
        "nginx: an internal code for a client certificate that failed verification; clients see 400.",
        "Not a registered code. An application that checks certificates itself sends 403, or 401 where other "
        "credentials would do.",
    ),
    496: Guidance(
        "nginx: an internal code for a required client certificate that was not sent; clients see 400.",
        "Not a registered code. Send 403 when a certificate is required, or 401 where other credentials would do.",
    ),
    497: Guidance(
        "nginx: an internal code for plain HTTP sent to a TLS port; clients see 400.",
        "Not a registered code. Redirect from http to https with 308 or 301; refuse with 400 or 403 where a redirect "
        "would hide leaked credentials.",
    ),
    498: Guidance(
        "Esri ArcGIS: the access token is expired or invalid. In nginx it was an internal code for an invalid host "
        "name.",
        "Not a registered code. Send 401 with WWW-Authenticate.",
    ),
    499: Guidance(
        "nginx: the client closed the connection before the answer was ready; seen in logs only. Esri ArcGIS: a token "
        "is required.",
        "Not a registered code. For a missing token send 401. Nobody is left to read a status after a disconnect; a "
        "request that never arrived in full is 408.",
    ),
    500: Guidance(
        "Something unexpected failed in the server, and it has nothing more precise to say.",
        "For bugs and unhandled exceptions. If a service behind yours failed, 502 or 504; for planned or passing "
        "unavailability, 503; if the input was at fault, 400 or 422.",
    ),
    501: Guidance(
        "The server does not have what it takes to fulfil the request, typically because no resource knows its method.",
        "For a method that the server supports nowhere, or a feature that is not built. If other resources know the "
        "method, send 405; for an unsupported version of HTTP, 505.",
    ),
    502: Guidance(
        "A server acting as gateway or proxy got an invalid answer from the server behind it.",
        "When a service you call on the client's behalf answers nonsense or refuses. If it does not answer in time, "
        "504; if the fault is your own, 500; if you know it is down for a while, 503.",
    ),
    503: Guidance(
        "The server cannot handle the request at present because of overload or maintenance; Retry-After may say when.",
        "For planned downtime, load shedding and start-up. To throttle one client, send 429; if a service behind "
        "yours answers wrongly or late, 502 or 504; for bugs, 500.",
    ),
    504: Guidance(
        "A server acting as gateway or proxy did not get an answer in time from the server behind it.",
        "When a service or database you wait for times out. If the client was slow to send its request, 408; if the "
        "answer came and was invalid, 502.",
    ),
    505: Guidance(
        "The server does not support, or refuses, the major version of HTTP that the request uses.",
        "Mostly left to the web server. If the client should switch to another protocol, 426; if the version is "
        "malformed, 400.",
    ),
    506: Guidance(
        "Transparent negotiation is misconfigured: the chosen variant negotiates in turn and so ends nowhere.",
        "Only for servers that follow RFC 2295. For any other misconfiguration, 500; when no variant fits the client, "
        "406.",
    ),
    507: Guidance(
        "The server has no room to store what is needed to complete the request; the condition counts as passing.",
        "For a full disk or a used-up storage quota. If this one body is too large, send 413; if the service as a "
        "whole cannot work, 503.",
    ),
    508: Guidance(
        "A WebDAV request that reaches into depth met an endless loop, and the whole of it failed.",
        "For loops of bindings; where the client understands them, list the repeated member as 208 instead. Hosting "
        "panels such as cPanel send it when a resource limit is reached: use 503. Other endless loops are bugs: 500.",
    ),
    509: Guidance(
        "Apache and cPanel hosting: the site has used up its transfer allowance.",
        "Not a registered code. Send 503 when the site as a whole is suspended, 429 when one client is over its "
        "quota, 507 when storage is full.",
    ),
    510: Guidance(
        "Obsolete: the request does not declare an extension that the server requires.",
        "Never in new work. For a feature that is not supported send 501, for a required condition 428, for a "
        "required protocol 426.",
    ),
    511: Guidance(
        "The network, not the site, wants its user to sign in or accept terms before access is given.",
        "For captive portals that intercept traffic, with a link to the sign-in page. An application that wants "
        "credentials sends 401, and a proxy that is configured in the client 407.",
    ),
    520: Guidance(
        "Cloudflare: the origin's answer was empty, malformed or otherwise unexpected.",
        "Not a registered code; look for crashes and oversized header fields at the origin. From an application, a "
        "bad answer from behind is 502 and a failure of its own 500.",
    ),
    521: Guidance(
        "Cloudflare: the origin refused the connection.",
        "Not a registered code; check that the origin runs and lets Cloudflare's addresses in. From an application, a "
        "service that cannot be reached is 502, or 503 while it is known to be down.",
    ),
    522: Guidance(
        "Cloudflare: the connection to the origin could not be set up in time.",
        "Not a registered code; check the origin's load and firewall. From an application, a service that does not "
        "answer in time is 504.",
    ),
    523: Guidance(
        "Cloudflare: no route leads to the origin, often because of a wrong address in DNS.",
        "Not a registered code; check the DNS records. From an application, a service that cannot be reached is 502 "
        "or 503.",
    ),
    524: Guidance(
        "Cloudflare: the connection to the origin was made, but its answer took too long.",
        "Not a registered code; answer long work with 202 and let the client poll. From an application, a service "
        "that does not answer in time is 504.",
    ),
    525: Guidance(
        "Cloudflare: the TLS handshake with the origin failed.",
        "Not a registered code; check the origin's TLS set-up. From an application, a service that cannot be called "
        "securely is 502.",
    ),
    526: Guidance(
        "Cloudflare: the origin's TLS certificate is expired or cannot be verified.",
        "Not a registered code; renew the certificate. From an application, a service whose certificate fails is 502; "
        "a client's bad certificate is 403.",
    ),
    527: Guidance(
        "Cloudflare: its Railgun connection to the origin failed; the product is retired.",
        "Not a registered code. From an application, send 502.",
    ),
    529: Guidance(
        "Qualys SSL Labs: the service is overloaded.",
        "Not a registered code. Send 503 for overload, and 429 for one client's excess, both with Retry-After.",
    ),
    530: Guidance(
        "Pantheon and Shopify: the site is frozen. Cloudflare: the origin cannot be looked up, with a 1xxx code in "
        "the body that tells more.",
        "Not a registered code. Send 503 for a site that is paused, and 502 where a host behind yours cannot be "
        "resolved.",
    ),
    540: Guidance(
        "Shopify: the endpoint is disabled for the time being.",
        "Not a registered code. Send 503 with Retry-After; if it is one resource that is locked, 423.",
    ),
    560: Guidance(
        "Pantheon: an internal sign that asks its edge to repeat the request on another container.",
        "Not a registered code. Send 503 where another attempt may succeed, and 502 for a bad answer from behind.",
    ),
    561: Guidance(
        "AWS load balancer: the identity provider returned a failure during sign-in. Pantheon: no site was detected.",
        "Not a registered code. Send 401 when credentials are missing or wrong, and 502 when the identity provider "
        "itself misbehaves.",
    ),
    598: Guidance(
        "Some proxies, by an informal convention: reading from the server behind took too long.",
        "Not a registered code. Send 504.",
    ),
    599: Guidance(
        "Some proxies, by an informal convention: connecting to the server behind took too long.",
        "Not a registered code. Send 504.",
    ),
    783: Guidance(
        "Shopify: the request contains a token, such as broken JSON, that could not be read.",
        "Not a registered code, and outside the five classes, so clients may mishandle it. Send 400 for what does not "
        "parse, and 422 for wrong values.",
    ),
    999: Guidance(
        "LinkedIn: the request was denied, typically as automated traffic.",
        "Not a registered code, and outside the five classes, so clients may mishandle it. Send 403 to refuse and 429 "
        "to throttle.",
    ),
}
