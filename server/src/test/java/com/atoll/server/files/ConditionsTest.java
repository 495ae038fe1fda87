package com.atoll.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConditionsTest {
  private static final String TAG = "\"1-2-3\"";

  private static boolean met(@Nullable String noneMatch, String tag) {
    return new Conditions(noneMatch, null, null).areMetBy(tag);
  }

  private static @Nullable String wanted(@Nullable String ifRange, String tag) {
    return new Conditions(null, ifRange, "bytes=2-").wantedOf(tag);
  }

  @Test
  void whoHasTheFileIsToldSo() {
    assertTrue(met(TAG, TAG));
    assertTrue(met("\"x\", W/" + TAG, TAG));
    assertTrue(met(TAG, "W/" + TAG));
    assertTrue(met(" * ", TAG));
    assertFalse(met(null, TAG));
    assertFalse(met("", TAG));
    assertFalse(met("1-2-3", TAG));
    assertFalse(met("\"1-2-4\"", TAG));
  }

  @Test
  void aPartIsWantedOfTheSameFileOnly() {
    assertEquals("bytes=2-", wanted(null, TAG));
    assertEquals("bytes=2-", wanted(null, "W/" + TAG));
    assertEquals("bytes=2-", wanted(TAG, TAG));
    assertNull(wanted("\"1-2-4\"", TAG));
    assertNull(wanted("W/" + TAG, TAG));
    // A weak tag says nothing of bytes (RFC 9110, section 13.1.5).
    assertNull(wanted("W/" + TAG, "W/" + TAG));
    assertNull(wanted("Sat, 29 Oct 1994 19:43:31 GMT", TAG));
  }
}
