package com.atoll.cli.console;

import com.atoll.cli.http.Api;
import java.io.InputStream;
import java.util.Map;

/** What a command works with: the API and the streams of its caller. */
public interface Session {
  /** The API, found and opened at the first use. */
  Api api();

  /** Where results go. */
  Output output();

  /** What the caller types or pipes in. */
  InputStream input();

  /** What that is. */
  InputKind inputKind();

  /** The environment of the caller. */
  Map<String, String> environment();
}
