package com.atoll.server.policies;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxSize;
import com.atoll.model.Shape;
import com.atoll.server.http.Doc;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What holds for one workspace and one customer's user: each leaf from the nearest tier that sets
 * it. What the platform bounds, no tier loosens.
 */
public final class Effective {
  /** A value and the tier that it comes from: user, workspace, tenant or platform. */
  record Leaf(
      @Doc("The value.") Object value,
      @Doc("The tier that it comes from: user, workspace, tenant or platform.") String source) {}

  private final Map<String, Map<String, Leaf>> groups = new LinkedHashMap<>();

  Effective() {}

  /** Lays a nearer tier over what holds so far. */
  void over(String source, Map<String, Map<String, Object>> document) {
    document.forEach((group, values) -> {
      Map<String, Leaf> leaves = groups.computeIfAbsent(group, g -> new LinkedHashMap<>());
      values.forEach((key, value) -> {
        Leaf before = leaves.get(key);
        if (before == null
            || !before.source().equals("platform")
            || isTighter(value, before.value())) {
          leaves.put(key, new Leaf(value, source));
        }
      });
    });
  }

  private static boolean isTighter(Object value, Object bound) {
    return (value instanceof Number number && bound instanceof Number most)
        ? number.longValue() <= most.longValue()
        : Boolean.FALSE.equals(value);
  }

  Map<String, Map<String, Leaf>> groups() {
    return groups;
  }

  /** The number that a policy sets, or null. */
  public @Nullable Integer number(String group, String key) {
    return value(group, key) instanceof Number number
        ? (int) Math.min(number.longValue(), Integer.MAX_VALUE)
        : null;
  }

  private @Nullable Object value(String group, String key) {
    Leaf leaf = groups.getOrDefault(group, Map.of()).get(key);
    return leaf == null ? null : leaf.value();
  }

  /**
   * A lifetime inside its bound.
   *
   * @param key max_timeout_sec or max_idle_timeout_sec
   * @param asked what the caller asked for, or null; 0 means without end
   * @param usual what holds when nothing was asked
   * @throws AtollException when more was asked for than the policy allows
   */
  public int seconds(String key, @Nullable Integer asked, int usual) {
    Integer most = number("lifecycle", key);
    int seconds = asked == null ? usual : asked;
    if (most == null || (seconds > 0 && seconds <= most)) {
      return seconds;
    }
    if (asked == null) {
      return most;
    }
    throw forbidden(key + " is " + most);
  }

  /** Refuses a sandbox without an end where a policy does. */
  public void requireAlwaysOn(boolean asked) {
    if (asked && Boolean.FALSE.equals(value("lifecycle", "always_on_allowed"))) {
      throw forbidden("always_on_allowed is false");
    }
  }

  /** Refuses virtual machines inside where a policy does. */
  public void requireNestedVirtualization() {
    if (Boolean.FALSE.equals(value("features", "nested_virtualization"))) {
      throw forbidden("nested_virtualization is false");
    }
  }

  /** Refuses a shape that a policy does not allow. */
  public void requireShape(Shape shape) {
    if (value("sizing", "allowed_sizes") instanceof List<?> sizes) {
      String size = shape.size().map(SandboxSize::wire).orElse("custom");
      if (!sizes.contains(size)) {
        throw forbidden("allowed_sizes are " + sizes);
      }
    }
    require("max_cpu_count", shape.cpus());
    require("max_memory_mb", shape.memoryMb());
    require("max_disk_size_mb", shape.diskMb());
  }

  private void require(String key, int asked) {
    Integer most = number("sizing", key);
    if (most != null && asked > most) {
      throw forbidden(key + " is " + most);
    }
  }

  private static AtollException forbidden(String bound) {
    return AtollException.of(ErrorCode.POLICY_FORBIDS, bound);
  }
}
