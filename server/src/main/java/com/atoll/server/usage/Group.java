package com.atoll.server.usage;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the rows of a report are by. */
enum Group {
  EXTERNAL_USER_ID,
  EXTERNAL_PROJECT_ID,
  EXTERNAL_WORKSPACE_ID,
  WORKSPACE_ID,
  PROJECT_ID,
  DAY;

  /** The column, and the name as it travels. */
  String column() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it is an id of the customer. */
  boolean isOfCustomers() {
    return switch (this) {
      case EXTERNAL_USER_ID, EXTERNAL_PROJECT_ID, EXTERNAL_WORKSPACE_ID -> true;
      case WORKSPACE_ID, PROJECT_ID, DAY -> false;
    };
  }

  /** Those that a text names, separated by commas; by end user when it names none. */
  static Set<Group> of(@Nullable String text) {
    if (text == null || text.isBlank()) {
      return EnumSet.of(EXTERNAL_USER_ID);
    }
    Set<Group> groups = EnumSet.noneOf(Group.class);
    for (String name : text.split(",", -1)) {
      try {
        groups.add(valueOf(name.strip().toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw AtollException.of(ErrorCode.INVALID_PARAM, "group_by");
      }
    }
    return groups;
  }
}
