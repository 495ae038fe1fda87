package com.atoll.server.docs;

/** The few pieces of HTML that the pages of the reference are made of. */
final class Html {
  private Html() {}

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  static String page(String title, String body) {
    return """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>%s</title>
    <style>
    body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; }
    code, pre { font: 14px/1.4 ui-monospace, monospace; }
    table { border-collapse: collapse; width: 100%%; }
    td, th { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #d8dee4; }
    .later { color: #6e7781; }
    a { color: #0550ae; }
    </style>
    </head>
    <body>
    %s
    </body>
    </html>
    """
        .formatted(escape(title), body);
  }
}
