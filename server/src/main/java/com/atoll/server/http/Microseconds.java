package com.atoll.server.http;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ser.std.StdSerializer;

/** Writes a time as exactly as the database keeps it, where clients ask for what comes after it. */
public final class Microseconds extends StdSerializer<Instant> {
  /** One for a field. */
  public Microseconds() {
    super(Instant.class);
  }

  @Override
  public void serialize(Instant value, JsonGenerator out, SerializationContext context) {
    out.writeString(value.truncatedTo(ChronoUnit.MICROS).toString());
  }
}
