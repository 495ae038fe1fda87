package com.atoll.server.settings;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is sent and answered about settings. */
final class Views {
  static final String COLOR = "#[0-9a-fA-F]{3,8}";
  static final String URL = "(https://[^\\s\"'<>]{1,2000})?";

  private Views() {}

  record Branding(
      @Doc(value = "Address of the logo, https.", pattern = URL) @Nullable String logoUrl,
      @Doc(value = "Address of the small icon, https.", pattern = URL) @Nullable String faviconUrl,
      @Doc(value = "Main color, as #rgb or #rrggbb.", pattern = COLOR)
          @Nullable String primaryColor,
      @Doc(value = "Name that your users see.", max = 200) @Nullable String appName,
      @Doc(value = "Style sheet of your pages.", max = 65_536) @Nullable String customCss,
      @Doc(value = "Address of the wallpaper of desktops, https.", pattern = URL)
          @Nullable String desktopWallpaperUrl,
      @Doc(value = "Name of the product.", max = 200) @Nullable String productName,
      @Doc(value = "Address where your users find help, https.", pattern = URL)
          @Nullable String supportUrl,
      @Doc(value = "Address that your users write to for help.", max = 320)
          @Nullable String supportEmail,
      @Doc(value = "Color behind everything, as #rgb or #rrggbb.", pattern = COLOR)
          @Nullable String backgroundColor) {

    static final Branding NONE =
        new Branding(null, null, null, null, null, null, null, null, null, null);
  }

  record NewBranding(
      @Doc("The branding, when it is not sent at the top.") @Nullable Branding branding,
      @JsonUnwrapped Branding flat) {}

  record BrandingView(
      @JsonUnwrapped Branding branding,
      @Doc("When it was last set; null when never.") @Nullable Instant updatedAt) {}

  record NewSettings(
      @Doc(value = "Settings by name; null removes one. They may also stand at the top.", max = 200)
          @Nullable Map<String, @Nullable Object> settings) {}

  record SettingsView(
      @Doc("Id of the settings: that of the organization.") String id,
      @Doc("Id of the organization.") String tenantId,
      @Doc("Settings by name.") Map<String, Object> settings,
      @Doc("When they were last changed.") Instant updatedAt) {}
}
