package com.atoll.server.keys;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** A service account to be made. */
record NewServiceAccount(
    @Doc(value = "Its name.", min = 1, max = 255) String name,
    @Doc(value = "What it is for.", max = 2000) @Nullable String description) {

  /** What to change of one. */
  record Change(
      @Doc(value = "Its new name.", min = 1, max = 255) @Nullable String name,
      @Doc(value = "What it is for.", max = 2000) @Nullable String description) {}
}
