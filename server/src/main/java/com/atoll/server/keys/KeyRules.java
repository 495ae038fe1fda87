package com.atoll.server.keys;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.server.identity.Networks;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Who may make which key: nobody hands out more than they have. */
final class KeyRules {
  private static final Pattern SCOPE = Pattern.compile("[a-z][a-z-]*(:[a-z][a-z-]*)*(:\\*)?|\\*");

  private KeyRules() {}

  static Role role(Principal asking, @Nullable String type) {
    Role role =
        type == null || type.equals("live") || type.equals("test") ? Role.USER : Role.of(type);
    if (role.manages() && !asking.role().manages()) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, "only an admin key makes admin and platform keys");
    }
    return role;
  }

  static @Nullable List<String> scopes(Principal asking, @Nullable List<String> asked) {
    if (asked == null) {
      if (asking.scopes() != null) {
        return List.copyOf(asking.scopes());
      }
      return null;
    }
    for (String scope : asked) {
      if (scope.length() > 64 || !SCOPE.matcher(scope).matches()) {
        throw AtollException.invalid("scopes", "holds something that is not a scope");
      }
      if (!asking.allows(scope)) {
        throw AtollException.of(ErrorCode.FORBIDDEN, "the key itself lacks the scope " + scope);
      }
    }
    // A list that restricts nothing is what older clients send for "all".
    return asked.isEmpty() ? scopes(asking, null) : List.copyOf(asked);
  }

  static int requestsPerMinute(Principal asking, @Nullable Integer asked) {
    if (asked == null) {
      return 60;
    }
    asking.requireManager("rate_limit_rpm");
    return asked;
  }

  static void requireFuture(@Nullable Instant end) {
    if (end != null && !end.isAfter(Instant.now())) {
      throw AtollException.invalid("expires_at", "must be in the future");
    }
  }

  static List<String> networks(@Nullable List<String> asked) {
    if (asked == null) {
      return List.of();
    }
    Networks.of(asked);
    return List.copyOf(asked);
  }
}
