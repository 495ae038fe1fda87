package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list.
 *
 * @param items what is on it
 * @param total how many there are on all pages
 * @param next the key after which the next page begins; null on the last page
 * @param whole whether it is the whole list, of which a caller may ask for a part
 */
public record Page<T>(List<T> items, long total, @Nullable String next, boolean whole) {
  private static final String PLACE = "from-";

  /** A page of a list that is read page by page. */
  public Page(List<T> items, long total, @Nullable String next) {
    this(items, total, next, false);
  }

  /** A list that is read as a whole, and is answered as one where nobody asks for a part. */
  public static <T> Page<T> whole(List<T> items) {
    return new Page<>(items, items.size(), null, true);
  }

  /** The page that is asked for, of a list that is whole; every other one stays. */
  Page<T> asked(Query query) {
    if (!whole || Stream.of(Paging.NAMES).allMatch(name -> query.text(name) == null)) {
      return this;
    }
    Paging paging = Paging.of(query);
    int from =
        Math.min(paging.after() == null ? paging.offset() : place(paging.after()), items.size());
    int to = Math.min(from + paging.limit(), items.size());
    return new Page<>(items.subList(from, to), total, to == items.size() ? null : PLACE + to);
  }

  private static int place(String key) {
    try {
      if (key.startsWith(PLACE)) {
        return Integer.parseUnsignedInt(key.substring(PLACE.length()));
      }
    } catch (NumberFormatException foreign) {
      // Told below, like a cursor of another list.
    }
    throw AtollException.of(ErrorCode.INVALID_PARAM, "cursor");
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
    return new Page<>(items.stream().map(to).toList(), total, next, whole);
  }
}
