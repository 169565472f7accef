package anycast.load.balance;

import java.util.Arrays;

/// What happens when, in virtual time: a binary heap by time, then by order of entry, so that a run
/// is the same each time.
final class Agenda {
  private long[] times = new long[1 << 12];
  private long[] numbers = new long[1 << 12];
  private Runnable[] events = new Runnable[1 << 12];
  private int size;
  private long entered;
  private long now;

  long now() {
    return now;
  }

  void in(long nanos, Runnable event) {
    at(now + Math.max(0, nanos), event);
  }

  void at(long time, Runnable event) {
    if (size == times.length) {
      times = Arrays.copyOf(times, 2 * size);
      numbers = Arrays.copyOf(numbers, 2 * size);
      events = Arrays.copyOf(events, 2 * size);
    }
    long number = entered++;
    int place = size++;
    while (place > 0 && before(time, number, place - 1 >>> 1)) {
      move(place - 1 >>> 1, place);
      place = place - 1 >>> 1;
    }
    put(place, time, number, event);
  }

  /// Runs all that happens up to then.
  void run(long until) {
    while (size > 0 && times[0] <= until) {
      now = times[0];
      Runnable event = events[0];
      removeFirst();
      event.run();
    }
    now = until;
  }

  private void removeFirst() {
    size--;
    long time = times[size];
    long number = numbers[size];
    Runnable event = events[size];
    events[size] = null;
    int place = 0;
    while (2 * place + 1 < size) {
      int child = 2 * place + 1;
      if (child + 1 < size && before(times[child + 1], numbers[child + 1], child)) {
        child++;
      }
      if (before(time, number, child)) {
        break;
      }
      move(child, place);
      place = child;
    }
    if (size > 0) {
      put(place, time, number, event);
    }
  }

  private boolean before(long time, long number, int place) {
    return time < times[place] || time == times[place] && number < numbers[place];
  }

  private void move(int from, int to) {
    put(to, times[from], numbers[from], events[from]);
  }

  private void put(int place, long time, long number, Runnable event) {
    times[place] = time;
    numbers[place] = number;
    events[place] = event;
  }
}
