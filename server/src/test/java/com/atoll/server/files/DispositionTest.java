package com.atoll.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

/** Names of the parts of a form. */
class DispositionTest {
  @Test
  void namesAreReadQuotedAndNot() {
    assertEquals(new Disposition("file", "a b.txt"), of("name=\"file\"; filename=\"a b.txt\""));
    assertEquals(new Disposition("file", "a.txt"), of("name=file; filename=a.txt"));
    assertEquals(new Disposition("file", "a.txt"), of("Name = file ;FileName=a.txt"));
    assertEquals(new Disposition("path", null), of("name=path"));
    assertEquals(new Disposition("", null), Disposition.of(" form-data"));
    assertEquals(new Disposition("file", ""), of("name=\"file\"; filename=\"\""));
  }

  @Test
  void aNameInAnotherCharsetGoesFirst() {
    assertEquals("naïve+1.txt", of("name=file; filename*=utf-8''na%C3%AFve+1.txt").fileName());
    assertEquals("é", of("filename=e; filename*=ISO-8859-1'fr'%E9; name=file").fileName());
    assertEquals("e", of("filename=e; filename*=utf-8''%zz").fileName());
    assertNull(of("name=x; filename*=nonsense").fileName());
  }

  @Test
  void whatIsQuotedIsNoParameter() {
    assertEquals(
        new Disposition("file", "x; name=path; y"),
        of("filename=\"x; name=path; y\"; name=\"file\""));
  }

  @Test
  void whatClientsEscapeIsUndone() {
    assertEquals("a\\b\"c", of("filename=\"a\\\\b\\\"c\"; name=file").fileName());
    assertEquals("a\"b", of("filename=\"a%22b\"").fileName());
    assertEquals("a%20b", of("filename=\"a%20b\"").fileName());
    assertEquals(new Disposition("x; \"", "y"), of("name=\"x; \\\"\"; filename=\"y\""));
  }

  @Test
  void aBackslashOfAClientThatEscapesNothingStays() {
    assertEquals("C:\\dir\\a.txt", of("filename=\"C:\\dir\\a.txt\"").fileName());
    assertEquals("a\\", of("name=\"file\"; filename=\"a\\\"").fileName());
    assertEquals("\\".repeat(5_000), of("filename=\"" + "\\\\".repeat(5_000) + "\"").fileName());
  }

  private static Disposition of(String parameters) {
    return Disposition.of(" form-data; " + parameters);
  }
}
