package com.atoll.server.accounts;

import com.atoll.server.http.Doc;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What people send about their accounts. */
final class Requests {
  private Requests() {}

  record Login(
      @Doc(value = "E-mail address of the account.", min = 3, max = 255) String email,
      @Doc(value = "Its password.", min = 1, max = 1024) String password,
      @Doc(
              value = "The present one-time code, or a recovery code, when two-factor login is on.",
              max = 40)
          @Nullable String totpCode) {}

  record Register(
      @Doc(
              value = "Token of the invitation; the account gets the address that was invited.",
              max = 100)
          String token,
      @Doc(value = "The password, at least 10 characters.", min = 10, max = 1024) String password,
      @Doc(value = "Name of the person.", max = 200) @Nullable String name) {}

  record Profile(
      @Doc(value = "Name of the person.", max = 200) @Nullable String name,
      @Doc(value = "Address of a picture.", max = 2000, pattern = "https://[^\\s\"'<>]+")
          @Nullable String avatarUrl) {}

  record Password(
      @Doc(value = "The present password.", min = 1, max = 1024) String currentPassword,
      @Doc(value = "The new one, at least 10 characters.", min = 10, max = 1024)
          String newPassword) {}

  record Code(@Doc(value = "The present one-time code.", min = 6, max = 40) String code) {}

  record Confirmed(
      @Doc(value = "The password of the account.", min = 1, max = 1024) String password) {}

  record Preferences(
      @Doc(value = "Preferences by name; null removes one.", max = 200)
          Map<String, @Nullable Object> preferences) {}
}
