package com.atoll.server.http;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Describes a field of a request or an answer, and bounds it. The reference is written from it. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Doc {
  /** What the field means. */
  String value();

  /** Least value of a number, least length of a text, least size of a list or map. */
  long min() default Long.MIN_VALUE;

  /** Greatest value of a number, greatest length of a text, greatest size of a list or map. */
  long max() default Long.MAX_VALUE;

  /** A regular expression that the whole text matches. */
  String pattern() default "";

  /** Whether a text may hold the character NUL, as the content of files may. */
  boolean binary() default false;
}
