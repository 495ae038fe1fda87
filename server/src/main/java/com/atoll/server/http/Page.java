package com.atoll.server.http;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list.
 *
 * @param items what is on it
 * @param total how many there are on all pages
 * @param next the key after which the next page begins; null on the last page
 */
public record Page<T>(List<T> items, long total, @Nullable String next) {
  /** A list that is always whole. */
  public static <T> Page<T> whole(List<T> items) {
    return new Page<>(items, items.size(), null);
  }

  /** The page out of one row more than it holds, which tells whether there is a next one. */
  public static <T> Page<T> of(
      List<T> oneMore, Paging paging, long total, Function<T, String> key) {
    if (oneMore.size() <= paging.limit()) {
      return new Page<>(oneMore, total, null);
    }
    List<T> items = oneMore.subList(0, paging.limit());
    return new Page<>(items, total, key.apply(items.getLast()));
  }

  /** Where the next page begins, as a client sends it; null on the last page. */
  public @Nullable String nextCursor() {
    return next == null ? null : Paging.encode(next);
  }

  /** The same page of something else. */
  public <S> Page<S> map(Function<T, S> to) {
    return new Page<>(items.stream().map(to).toList(), total, next);
  }
}
