package anycast.routing.table;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Objects on the heap, found by following references from one that is given, and how many bytes
/// they take: objects of ours field by field, those of the JDK by what is known of them. Heads of
/// 12 bytes, references of 4, as without large heaps.
final class Retained {
  private static final int HEAD = 12;
  private static final int ARRAY_HEAD = 16;
  private static final int REFERENCE = 4;

  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<Object> open = new ArrayDeque<>();

  private Retained() {}

  /// Bytes of the objects that `from` leads to and `butNotFrom` does not.
  static long bytes(Object from, Object butNotFrom) {
    Retained retained = new Retained();
    retained.walk(butNotFrom);
    return retained.walk(from);
  }

  /// @return bytes of what was not seen before
  private long walk(Object from) {
    long bytes = 0;
    see(from);
    while (!open.isEmpty()) {
      bytes += aligned(size(open.pop()));
    }
    return bytes;
  }

  private void see(Object object) {
    if (object != null && seen.add(object)) {
      open.push(object);
    }
  }

  /// Opens what an object leads to.
  ///
  /// @return its own size
  private long size(Object object) {
    Class<?> type = object.getClass();
    return switch (object) {
      case String text -> 24 + aligned(ARRAY_HEAD + (latin(text) ? 1L : 2L) * text.length());
      case Enum<?> _, Class<?> _ -> 0;
      case Number _ -> ARRAY_HEAD;
      case Map<?, ?> map -> {
        map.forEach((key, value) -> {
          see(key);
          see(value);
        });
        yield map.size() <= 1 ? 24 : 24 + ARRAY_HEAD + 16L * map.size();
      }
      case Collection<?> all -> {
        all.forEach(this::see);
        yield all.size() <= 2 ? 24 : 24 + ARRAY_HEAD + (all instanceof List ? 4L : 8L) * all.size();
      }
      case Object array when type.isArray() -> {
        int length = Array.getLength(array);
        if (!type.getComponentType().isPrimitive()) {
          for (Object each : (Object[]) array) {
            see(each);
          }
        }
        yield ARRAY_HEAD + (long) length * width(type.getComponentType());
      }
      case Object own when type.getName().startsWith("anycast.") && !type.isHidden() -> ours(own);
      default -> 24;
    };
  }

  private long ours(Object object) {
    long bytes = HEAD;
    for (Class<?> type = object.getClass(); type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          bytes += width(field.getType());
          if (!field.getType().isPrimitive()) {
            field.setAccessible(true);
            try {
              see(field.get(object));
            } catch (IllegalAccessException e) {
              throw new AssertionError(field.toString(), e);
            }
          }
        }
      }
    }
    return bytes;
  }

  private static int width(Class<?> type) {
    if (!type.isPrimitive()) {
      return REFERENCE;
    }
    return type == long.class || type == double.class
        ? 8
        : type == int.class || type == float.class
            ? 4
            : type == boolean.class || type == byte.class ? 1 : 2;
  }

  private static boolean latin(String text) {
    return text.chars().allMatch(c -> c <= 0xff);
  }

  private static long aligned(long bytes) {
    return bytes + 7 & ~7;
  }
}
