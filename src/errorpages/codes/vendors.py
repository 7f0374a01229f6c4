"""The codes that vendors send outside of the IANA registry, one row a code.

Sources: each vendor's documentation or source code where it has any, else the list that Wikipedia keeps. Each row
writes only what differs from the defaults of `StatusCode`.
"""

from __future__ import annotations

from .status_code import StatusCode

Source = tuple[str, str, str]

_LIST = "https://en.wikipedia.org/wiki/List_of_HTTP_status_codes"
_INFORMAL: Source = ("none (informal convention)", "", _LIST)
_NGINX: Source = ("nginx source", "", "https://github.com/nginx/nginx/blob/master/src/http/ngx_http_request.h")
_SHOPIFY: Source = ("Shopify API response codes", "", "https://shopify.dev/docs/api/usage/response-codes")


def _alb(code: int) -> Source:
    guide = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html"
    return "ALB troubleshooting", f"HTTP {code}", f"{guide}#http-{code}-issues"


def _cloudflare(code: int) -> Source:
    guide = "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors"
    return "Cloudflare 5xx errors", f"Error {code}", f"{guide}/error-{code}/"


def _wikipedia(part: str) -> Source:
    return f"Wikipedia list ({part})", "", _LIST


# fmt: off
VENDOR_FACTS: tuple[StatusCode, ...] = (
    StatusCode(419, "Page Expired", "Laravel framework (419.blade.php)", "",
        "https://github.com/laravel/framework/blob/master/src/Illuminate/Foundation/Exceptions/views/419.blade.php",
        kind="vendor", vendors=("Laravel", "ASP.NET Core", "Spring"),
        other_names=("Authentication Timeout", "Insufficient Space On Resource"), temporary=False, sent_by="origin",
        confused_with=(401, 440, 403, 498)),
    StatusCode(420, "Enhance Your Calm", "Twitter API response codes", "",
        "https://developer.x.com/en/docs/basics/response-codes", kind="vendor", vendors=("Twitter", "Spring"),
        other_names=("Method Failure",), temporary=True, retry_after="may", expected_headers=("Retry-After",),
        sent_by="origin", confused_with=(429, 503)),
    StatusCode(430, "Shopify Security Rejection", *_SHOPIFY, kind="vendor", vendors=("Shopify",),
        other_names=("Request Header Fields Too Large",), temporary=False, sent_by="proxy/gateway",
        confused_with=(429, 403, 431)),
    StatusCode(440, "Login Time-out", *_wikipedia("IIS section"), kind="vendor", vendors=("IIS",),
        other_names=("Login Timeout",), temporary=False, sent_by="origin", confused_with=(401, 419, 408)),
    StatusCode(444, "No Response", *_NGINX, kind="vendor", vendors=("nginx",),
        other_names=("Connection Closed Without Response",), temporary=False, sent_by="proxy/gateway",
        confused_with=(499, 408, 400)),
    StatusCode(449, "Retry With", "[MS-WDV]", "2.2.6",
        "https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-wdv/83ecf19f-e0f8-4706-aae5-ba618f52f100",
        kind="vendor", vendors=("IIS",), other_names=("Reply With",), temporary=False,
        required_headers=("Ms-Echo-Request",), sent_by="origin", confused_with=(428, 400, 412)),
    StatusCode(450, "Blocked by Windows Parental Controls", *_wikipedia("IIS section"), kind="vendor",
        vendors=("Microsoft",), temporary=False, sent_by="intercepting proxy", confused_with=(451, 403, 511)),
    StatusCode(460, "(client closed connection)", *_alb(460), kind="vendor", vendors=("AWS ELB",),
        sent_by="proxy/gateway", confused_with=(499, 408, 504)),
    StatusCode(463, "(too many X-Forwarded-For addresses)", *_alb(463), kind="vendor", vendors=("AWS ELB",),
        temporary=False, sent_by="proxy/gateway", confused_with=(431, 400)),
    StatusCode(464, "(incompatible protocol version)", *_alb(464), kind="vendor", vendors=("AWS ELB",), temporary=False,
        sent_by="proxy/gateway", confused_with=(505, 426, 421)),
    StatusCode(494, "Request Header Too Large", *_NGINX, kind="vendor", vendors=("nginx",),
        other_names=("Request header too large", "Request Header Or Cookie Too Large"), temporary=False,
        sent_by="proxy/gateway", confused_with=(431, 400, 413)),
    StatusCode(495, "SSL Certificate Error", *_NGINX, kind="vendor", vendors=("nginx",),
        other_names=("The SSL certificate error",), temporary=False, sent_by="proxy/gateway",
        confused_with=(496, 400, 526)),
    StatusCode(496, "SSL Certificate Required", *_NGINX, kind="vendor", vendors=("nginx",),
        other_names=("No required SSL certificate was sent",), temporary=False, sent_by="proxy/gateway",
        confused_with=(495, 401, 400)),
    StatusCode(497, "HTTP Request Sent to HTTPS Port", *_NGINX, kind="vendor", vendors=("nginx",),
        other_names=("The plain HTTP request was sent to HTTPS port",), temporary=False, sent_by="proxy/gateway",
        confused_with=(400, 426, 421)),
    StatusCode(498, "Invalid Token", *_wikipedia("ArcGIS Server section"), kind="vendor", vendors=("Esri", "nginx"),
        temporary=False, sent_by="origin", confused_with=(401, 419, 499)),
    StatusCode(499, "Client Closed Request", *_NGINX, kind="vendor", vendors=("nginx", "Esri"),
        other_names=("Token Required",), sent_by="proxy/gateway", confused_with=(408, 460, 444, 498)),
    StatusCode(509, "Bandwidth Limit Exceeded", *_wikipedia("Apache section"), kind="vendor",
        vendors=("Apache", "cPanel"), temporary=True, confused_with=(429, 503, 507)),
    StatusCode(520, "Web Server Returns an Unknown Error", *_cloudflare(520), kind="vendor", vendors=("Cloudflare",),
        other_names=("Web Server Returned an Unknown Error",), sent_by="proxy/gateway", confused_with=(502, 500)),
    StatusCode(521, "Web Server Is Down", *_cloudflare(521), kind="vendor", vendors=("Cloudflare",),
        sent_by="proxy/gateway", confused_with=(503, 502, 522)),
    StatusCode(522, "Connection Timed Out", *_cloudflare(522), kind="vendor", vendors=("Cloudflare",),
        sent_by="proxy/gateway", confused_with=(504, 524, 521)),
    StatusCode(523, "Origin Is Unreachable", *_cloudflare(523), kind="vendor", vendors=("Cloudflare",),
        sent_by="proxy/gateway", confused_with=(502, 530, 521)),
    StatusCode(524, "A Timeout Occurred", *_cloudflare(524), kind="vendor", vendors=("Cloudflare",),
        sent_by="proxy/gateway", confused_with=(504, 522, 408)),
    StatusCode(525, "SSL Handshake Failed", *_cloudflare(525), kind="vendor", vendors=("Cloudflare",),
        sent_by="proxy/gateway", confused_with=(526, 495, 502)),
    StatusCode(526, "Invalid SSL Certificate", *_cloudflare(526), kind="vendor", vendors=("Cloudflare",),
        temporary=False, sent_by="proxy/gateway", confused_with=(525, 495, 502)),
    StatusCode(527, "Railgun Error", *_wikipedia("Cloudflare section; retired"), kind="vendor", vendors=("Cloudflare",),
        sent_by="proxy/gateway", confused_with=(502, 520)),
    StatusCode(529, "Site is overloaded", *_wikipedia("SSL Labs section"), kind="vendor", vendors=("Qualys",),
        temporary=True, sent_by="origin", confused_with=(503, 429)),
    StatusCode(530, "Site Frozen", "Pantheon docs; Cloudflare 5xx errors", "Error 530",
        "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/error-530/",
        kind="vendor", vendors=("Pantheon", "Cloudflare", "Shopify"),
        other_names=("Site is frozen", "Origin Unavailable", "Origin DNS Error"), sent_by="proxy/gateway",
        confused_with=(523, 503, 502)),
    StatusCode(540, "Temporarily Disabled", *_SHOPIFY, kind="vendor", vendors=("Shopify",), temporary=True,
        sent_by="origin", confused_with=(503, 423)),
    StatusCode(560, "(retry on another container)", "Pantheon docs (older version)", "",
        "https://github.com/pantheon-systems/documentation/blob/main/source/content/errors-and-server-responses.md",
        kind="vendor", vendors=("Pantheon",), sent_by="origin", confused_with=(502, 503)),
    StatusCode(561, "Unauthorized", *_alb(561), kind="vendor", vendors=("AWS ELB", "Pantheon"),
        other_names=("No site detected",), temporary=False, sent_by="proxy/gateway", confused_with=(401, 502)),
    StatusCode(598, "Network Read Timeout Error", *_INFORMAL, kind="vendor", vendors=("proxies (informal)",),
        other_names=("Network read timeout error",), sent_by="proxy/gateway", confused_with=(504, 599, 524)),
    StatusCode(599, "Network Connect Timeout Error", *_INFORMAL, kind="vendor", vendors=("proxies (informal)",),
        sent_by="proxy/gateway", confused_with=(504, 598, 522)),
    StatusCode(783, "Unexpected Token", *_SHOPIFY, kind="vendor", vendors=("Shopify",), temporary=False,
        sent_by="origin", confused_with=(400, 422)),
    StatusCode(999, "Request denied", *_wikipedia("LinkedIn section"), kind="vendor", vendors=("LinkedIn",),
        confused_with=(429, 403)),
)
# fmt: on
