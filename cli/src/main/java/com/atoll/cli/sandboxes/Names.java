package com.atoll.cli.sandboxes;

import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;

/** What people call a sandbox: its id, its slug or the name they gave it. */
public final class Names {
  private static final int NOT_FOUND = 404;

  private Names() {}

  /** The id or slug behind a name; anything unknown stays as it is. */
  public static String resolve(Api api, String reference) {
    if (reference.matches("sbx_[0-9a-z]{26}")) {
      return reference;
    }
    try {
      String path = "/sandboxes/by-name/" + Api.escape(reference);
      return Json.text(Json.unwrap(api.get(path)), "id", reference);
    } catch (ApiException unknown) {
      if (unknown.status() != NOT_FOUND) {
        throw unknown;
      }
      return reference;
    }
  }
}
