package anycast.routing.pick;

/// What attempts on one instance and reports about it taught. Made with the first lesson: of a
/// million instances an edge uses few.
///
/// **Threading.** Any event loop. Latency, report and refusals are single volatile longs whose
/// writers may overwrite each other: a lesson lost among many is harmless. The breaker counts: see
/// [Circuit].
final class Experience extends Circuit {
  /// A peak is half forgotten after this: long enough that an instance that stalls now and then
  /// stays behind the others between two stalls, short enough that it is tried again in a minute.
  private static final int HALF_LIFE_TICKS = Tick.span(3_000_000_000L);

  /// Exchanges of others are kept in sixteenths: between two reports they are an expectation.
  static final int PARTS = 16;

  /// What others had in flight a moment ago says little after half an answer's time: they have
  /// other ones by then. It is halved, towards the instance's usual number, in about two fifths of
  /// the app's latency (microseconds to ticks is a shift by ten). In the simulation of a calm fleet
  /// this takes 7 % off p99 against a number that holds until the next report: all edges ran to
  /// whoever had been idle in the last one.
  private static final int OTHERS_HALF_LIFE_SHIFT = 11;

  /// The usual number itself holds for three reports, then fades: nobody is avoided for what nobody
  /// reports any more.
  private static final int FRESH_TICKS = Tick.span(3_000_000_000L);

  private static final int FADE_TICKS = Tick.span(7_000_000_000L);

  /// The worker's own latency holds as long as its reports come, and some are lost.
  private static final int REPORTED_TICKS = Tick.span(10_000_000_000L);

  /// A failure counts as at least this long an answer, and as twice the latency before it: what
  /// fails fast must not look fast.
  private static final int FAILURE_MICROS = 1_000_000;

  /// Worse than this is all the same.
  private static final int MAX_MICROS = 30_000_000;

  /// After a refusal the instance counts as full for this long, doubled with each refusal in a row
  /// up to 2^6 times: 50 ms is about what a full instance needs to have room again, 3 s is what a
  /// stopped one costs until its row comes.
  private static final int REFUSED_TICKS = Tick.span(50_000_000L);

  private static final int MAX_REFUSALS = 7;

  /// Tick and microseconds; 0 = none yet.
  private volatile long latency;

  /// Tick, and in sixteenths what others usually have in flight (16 bits) and last had (16 bits).
  private volatile long others;

  /// Tick and the app's own microseconds.
  private volatile long reported;

  /// Tick and refusals in a row.
  private volatile long refusals;

  /// 0 = not seen ready yet.
  private volatile int readySince;

  void onAnswer(long latencyNanos, int tick) {
    learn(micros(latencyNanos), tick);
    if (Tick.value(refusals) != 0) {
      refusals = 0;
    }
    succeeded(tick);
  }

  void onFailure(long latencyNanos, int tick) {
    int worse = Math.clamp(2L * micros(tick), FAILURE_MICROS, MAX_MICROS);
    learn(Math.clamp(micros(latencyNanos), worse, MAX_MICROS), tick);
    faulted(tick);
  }

  /// The worker is there and says no: nothing is broken, but there is no room, or no instance.
  void onRefusal(int tick) {
    refusals = Tick.pack(tick, Math.min(MAX_REFUSALS, Tick.value(refusals) + 1));
  }

  void onReport(long othersInFlight, long latencyNanos, int tick) {
    int last = (int) Math.min(0xffff, othersInFlight * PARTS);
    long before = others;
    int usual = before == 0 ? last : Tick.value(before) >>> 16;
    usual += (last - usual) / 8;
    others = Tick.pack(tick, usual << 16 | last);
    reported = latencyNanos < 0 ? 0 : Tick.pack(tick, micros(latencyNanos));
  }

  private void learn(int micros, int tick) {
    long before = latency;
    int known = Tick.value(before);
    int next = micros;
    if (known > micros) {
      next = micros + faded(known - micros, Tick.age(Tick.stamp(before), tick));
    }
    latency = Tick.pack(tick, Math.max(1, next));
  }

  /// Recent latency, peaks remembered and fading; 0 = unknown.
  int micros(int tick) {
    long cell = latency;
    int known = Tick.value(cell);
    return known == 0 ? 0 : Math.max(1, faded(known, Tick.age(Tick.stamp(cell), tick)));
  }

  /// The app's own latency as its worker sees it; 0 = unknown.
  int reportedMicros(int tick) {
    long cell = reported;
    return Tick.age(Tick.stamp(cell), tick) > REPORTED_TICKS ? 0 : Tick.value(cell);
  }

  /// What others have in flight there, in [#PARTS]: what was reported last, fading into what is
  /// usual there.
  int othersParts(int tick) {
    long cell = others;
    if (cell == 0) {
      return 0;
    }
    int usual = Tick.value(cell) >>> 16;
    int last = Tick.value(cell) & 0xffff;
    int age = Tick.age(Tick.stamp(cell), tick);
    int halfLife = Math.clamp(reportedMicros(tick) >> OTHERS_HALF_LIFE_SHIFT, 8, 1024);
    int difference = last - usual;
    int kept = faded(Math.abs(difference), age, halfLife);
    int now = difference < 0 ? usual - kept : usual + kept;
    int old = age - FRESH_TICKS;
    if (old <= 0) {
      return now;
    }
    return old >= FADE_TICKS ? 0 : (int) ((long) now * (FADE_TICKS - old) / FADE_TICKS);
  }

  /// Whether it refused a moment ago.
  boolean refused(int tick) {
    long cell = refusals;
    int count = Tick.value(cell);
    return count != 0
        && Tick.age(Tick.stamp(cell), tick) < REFUSED_TICKS << Math.min(count, MAX_REFUSALS) - 1;
  }

  /// Steps since the first pick that found it ready; that pick begins the count.
  int readyTicks(int tick) {
    int since = readySince;
    if (since == 0) {
      readySince = tick == 0 ? 1 : tick;
      return 0;
    }
    return Tick.age(since, tick);
  }

  /// It is not ready now: its share shall grow anew.
  void onUnready() {
    if (readySince != 0) {
      readySince = 0;
    }
  }

  /// Halved each [#HALF_LIFE_TICKS], straight between the halves.
  private static int faded(int value, int age) {
    return faded(value, age, HALF_LIFE_TICKS);
  }

  private static int faded(int value, int age, int halfLife) {
    int halves = age / halfLife;
    if (halves > 30) {
      return 0;
    }
    int whole = value >> halves;
    return whole - (int) ((long) whole * (age % halfLife) / (2L * halfLife));
  }

  private static int micros(long nanos) {
    return Math.clamp(nanos / 1_000, 0, MAX_MICROS);
  }
}
