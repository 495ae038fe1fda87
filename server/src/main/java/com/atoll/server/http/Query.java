package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.util.List;
import java.util.OptionalInt;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/** The query parameters of a request. */
final class Query {
  private static final int MOST = 4096;
  private final Fields fields;

  Query(Fields fields) {
    this.fields = fields;
  }

  @Nullable String text(String name) {
    String value = fields.getValue(name);
    if (value != null && (value.length() > MOST || value.indexOf('\0') >= 0)) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, name);
    }
    return value;
  }

  /** Every value of a parameter that may be repeated. */
  List<String> texts(String name) {
    Fields.Field field = fields.get(name);
    List<String> values = field == null ? List.of() : field.getValues();
    for (String value : values) {
      if (value.length() > MOST || value.indexOf('\0') >= 0) {
        throw AtollException.of(ErrorCode.INVALID_PARAM, name);
      }
    }
    return values;
  }

  OptionalInt integer(String name, int least, int most) {
    String value = text(name);
    if (value == null || value.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return OptionalInt.of(number);
      }
    } catch (NumberFormatException e) {
      // Told to the caller below, like a number out of range.
    }
    throw AtollException.withMessage(
        ErrorCode.INVALID_PARAM,
        "The parameter %s must be a whole number %s."
            .formatted(
                name,
                most == Integer.MAX_VALUE
                    ? "from " + least + " on"
                    : "from " + least + " to " + most));
  }

  boolean flag(String name, boolean otherwise) {
    String value = text(name);
    if (value == null) {
      return otherwise;
    }
    return switch (value) {
      case "", "true", "1", "yes" -> true;
      case "false", "0", "no" -> false;
      default ->
          throw AtollException.withMessage(
              ErrorCode.INVALID_PARAM, "The parameter %s must be true or false.".formatted(name));
    };
  }
}
