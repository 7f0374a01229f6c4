"""What frameworks send of their own accord, byte for byte, as docs/frameworks.md reports it from running them.

Each takes the developer's own message, or None for the stock body.
"""

from __future__ import annotations

import html
import json

from werkzeug.exceptions import default_exceptions

WEBOB_404 = "The resource could not be found."


def werkzeug(status: int = 404, message: str | None = None) -> str:
    """Flask, Werkzeug, Quart."""
    return default_exceptions[status](message).get_body()


def django(heading: str = "Not Found", sentence: str = "The requested resource was not found on this server.") -> str:
    return (
        f'\n<!doctype html>\n<html lang="en">\n<head>\n  <title>{heading}</title>\n</head>\n<body>\n'
        f"  <h1>{heading}</h1><p>{sentence}</p>\n</body>\n</html>\n"
    )


def webob(message: str | None = None, line_break: str = "<br />") -> str:
    """WebOb, and Pyramid with its own line break."""
    detail = html.escape(message) if message else ""
    return (
        "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n"
        f"  {WEBOB_404}{line_break}{line_break}\n{detail}\n\n\n </body>\n</html>"
    )


def pyramid(message: str | None = "/none") -> str:
    return webob(message, "<br/>")


def pyramid_text(detail: str = "/none") -> str:
    return f"404 Not Found\n\n{WEBOB_404}\n\n\n{detail}\n\n"


def webob_json(message: str | None = None) -> str:
    words = f"{WEBOB_404}<br /><br />\n{message or ''}\n\n"
    return json.dumps({"message": words, "code": "404 Not Found", "title": "Not Found"})


def bottle(message: str | None = None) -> str:
    words = html.escape(message) if message else "Not found: &#039;/none&#039;"
    return (
        '\n    <!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n    <html>\n        <head>\n'
        "            <title>Error: 404 Not Found</title>\n"
        '            <style type="text/css">\n'
        "              html {background-color: #eee; font-family: sans-serif;}\n"
        "              body {background-color: #fff; border: 1px solid #ddd;\n"
        "                    padding: 15px; margin: 15px;}\n"
        "              pre {background-color: #eee; border: 1px solid #ddd; padding: 5px;}\n"
        "            </style>\n        </head>\n        <body>\n            <h1>Error: 404 Not Found</h1>\n"
        "            <p>Sorry, the requested URL <tt>&#039;http://127.0.0.1/none&#039;</tt>\n"
        f"               caused an error:</p>\n            <pre>{words}</pre>\n        </body>\n    </html>\n"
    )


def cherrypy(message: str | None = None) -> str:
    words = html.escape(message) if message else "The path '/none' was not found."
    return (
        '<!DOCTYPE html PUBLIC\n"-//W3C//DTD XHTML 1.0 Transitional//EN"\n'
        '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n<html>\n<head>\n'
        '    <meta http-equiv="Content-Type" content="text/html; charset=utf-8"></meta>\n'
        '    <title>404 Not Found</title>\n    <style type="text/css">\n    #powered_by {\n'
        "        margin-top: 20px;\n        border-top: 2px solid black;\n        font-style: italic;\n    }\n\n"
        "    #traceback {\n        color: red;\n    }\n    </style>\n</head>\n    <body>\n"
        f'        <h2>404 Not Found</h2>\n        <p>{words}</p>\n        <pre id="traceback"></pre>\n'
        '    <div id="powered_by">\n      <span>\n'
        '        Powered by <a href="http://www.cherrypy.dev">CherryPy 18.10.0</a>\n'
        "      </span>\n    </div>\n    </body>\n</html>\n"
    )


def sanic(message: str | None = None) -> str:
    """Sanic's HTML page, most of whose 70 kB are its style."""
    words = html.escape(message) if message else "Requested URL /none not found"
    return (
        '<!DOCTYPE html><html lang=en id=sanic><meta charset="UTF-8"><title>Application cannot handle your request'
        f"</title><style>{'#sanic { color: red }' * 3400}</style><header>Application</header>"
        f"<main><h1>⚠️ 404 — Not Found</h1><p>{words}<div id=enduser><p>We're sorry</div></main>"
    )


def django_csrf() -> str:
    style = "\n".join(f"    #info p{number} {{ padding-top:10px; }}" for number in range(12))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n'
        '  <meta http-equiv="content-type" content="text/html; charset=utf-8">\n'
        '  <meta name="robots" content="NONE,NOARCHIVE">\n  <title>403 Forbidden</title>\n'
        f"  <style>\n{style}\n  </style>\n</head>\n<body>\n"
        '<div id="summary">\n  <h1>Forbidden <span>(403)</span></h1>\n'
        "  <p>CSRF verification failed. Request aborted.</p>\n\n"
        "  <p>You are seeing this message because this site requires a CSRF cookie when submitting forms.</p>\n"
        "  <p>If you have configured your browser to disable cookies, please re-enable them.</p>\n\n</div>\n\n"
        '<div id="explanation">\n'
        "  <p><small>More information is available with DEBUG=True.</small></p>\n</div>\n\n</body>\n</html>\n"
    )


STARLETTE_DEBUGGER = (
    "<html><head><style>p { color: #211c1c; }</style><title>Starlette Debugger</title></head>"
    "<body><h1>500 Server Error</h1><h2>RuntimeError: boom</h2></body></html>"
)

AIOHTTP_500 = "500 Internal Server Error\n\nServer got itself in trouble"
BLACKSHEEP_404 = "Resource not found"
FASTAPI_404 = '{"detail":"Not Found"}'
FASTAPI_422 = '{"detail":[{"type":"missing","loc":["query","q"],"msg":"Field required","input":null}]}'
LITESTAR_404 = '{"status_code":404,"detail":"Not Found"}'
FALCON_404 = '{"title": "404 Not Found"}'
FALCON_XML_404 = '<?xml version="1.0" encoding="UTF-8"?><error><title>404 Not Found</title></error>'
SANIC_JSON_404 = '{"description":"Not Found","status":404,"message":"Requested URL /none not found"}'
CONNEXION_404 = '{"type": "about:blank", "title": "Not Found", "detail": "Not Found", "status": 404}'
REST_FRAMEWORK_404 = '{"detail":"No Invoice matches the given query."}'
GRAPHQL = '{"errors":[{"message":"Cannot query field"}],"data":null}'
JSON_RPC = '{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":1}'
SOAP = (
    '<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    "<soap:Fault><faultcode>soap:Server</faultcode></soap:Fault></soap:Body></soap:Envelope>"
)

FORM_422 = (
    "<!doctype html><html><head><title>Sign up</title></head><body><h1>Sign up</h1>"
    '<form method="post"><p>That name is taken.</p><input name="name" value="ada"></form></body></html>'
)
LOG_IN_401 = (
    '<!doctype html><html><head><title>Log in</title><link rel="stylesheet" href="/s.css"></head>'
    '<body><h1>Log in</h1><form method="post"><input name="user"></form></body></html>'
)
FRAGMENT_422 = '<div class="error" id="name-error">That name is taken.</div>'

ZOPE = """<!DOCTYPE html><html>
  <head>
  <title>Site Error</title><meta charset="utf-8" /></head>
  <body bgcolor="#FFFFFF">
  <h2>Site Error</h2>
  <p>An error was encountered while publishing this resource.
  </p>
  <p><strong>Resource not found</strong></p>

  Sorry, the requested resource does not exist.<p>Check the URL and try again.</p><p><b>Resource:</b> /none</p>
  <hr noshade="noshade"/>

  <p>Troubleshooting Suggestions</p>

  <ul>
  <li>The URL may be incorrect.</li>
  <li>The parameters passed to this resource may be incorrect.</li>
  <li>A resource that this resource relies on may be
      encountering an error.</li>
  </ul>

  <p>If the error persists please contact the site maintainer.
  Thank you for your patience.
  </p></body></html>"""

WSGIDAV_401 = """<html>
    <head><title>401 Access not authorized</title></head>
    <body>
        <h1>401 Access not authorized</h1>
    </body>
</html>
"""


def wsgidav(message: str = "/none") -> str:
    return (
        "<!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4.01//EN' 'http://www.w3.org/TR/html4/strict.dtd'>\n<html><head>\n"
        "  <meta http-equiv='Content-Type' content='text/html; charset=utf-8'>\n  <title>404 Not Found</title>\n"
        f"</head><body>\n  <h1>404 Not Found</h1>\n  <p>404 Not Found: {html.escape(message)}</p>\n<hr/>\n"
        "<a href='https://github.com/mar10/wsgidav/'>WsgiDAV/4.4.0</a> - 2026-07-01 12:00:00.000000\n</body></html>"
    )
