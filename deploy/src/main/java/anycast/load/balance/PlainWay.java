package anycast.load.balance;

import java.util.Arrays;
import java.util.SplittableRandom;

/// The usual ways: over the instances of the own region that are up as far as the edge knows, and
/// over all where there are none, with what one edge sees by itself.
final class PlainWay implements Way {
  /// How one of several is chosen.
  enum Kind {
    ROUND_ROBIN,
    RANDOM,
    /// The one with the fewest of this edge's own requests, by chance among equals.
    LEAST_REQUESTS
  }

  private final Kind kind;
  private final int instances;
  private final int[][] inFlight;
  private final boolean[][] up;
  private final int[] turns;

  PlainWay(Kind kind, int edges, int instances) {
    this.kind = kind;
    this.instances = instances;
    this.inFlight = new int[edges][instances];
    this.up = new boolean[edges][instances];
    this.turns = new int[edges];
    for (int edge = 0; edge < edges; edge++) {
      Arrays.fill(up[edge], true);
      turns[edge] = edge * 7;
    }
  }

  @Override
  public Attempts begin(int edge, long nowNanos, long random) {
    return new Attempts() {
      private final SplittableRandom chance = new SplittableRandom(random);
      private final int[] tried = new int[attempts()];
      private int count;

      @Override
      public int next() {
        int chosen = choose(edge, chance, tried, count, true);
        chosen = chosen < 0 ? choose(edge, chance, tried, count, false) : chosen;
        if (chosen >= 0) {
          tried[count++] = chosen;
        }
        return chosen;
      }
    };
  }

  private int choose(int edge, SplittableRandom chance, int[] tried, int count, boolean near) {
    int step = near ? Globe.REGIONS : 1;
    int first = near ? Globe.region(edge) : 0;
    int places = instances / step;
    int turn = kind == Kind.ROUND_ROBIN ? turns[edge]++ : chance.nextInt(places);
    int best = -1;
    for (int i = 0; i < places; i++) {
      int instance = first + (turn + i) % places * step;
      if (!up[edge][instance] || tried(tried, count, instance)) {
        continue;
      }
      if (kind == Kind.ROUND_ROBIN) {
        return instance;
      }
      if (kind == Kind.RANDOM) {
        // The next one that is up would get the share of those before it that are not.
        int other = first + chance.nextInt(places) * step;
        boolean good = up[edge][other] && !tried(tried, count, other);
        if (good) {
          return other;
        }
      }
      if (best < 0 || inFlight[edge][instance] < inFlight[edge][best]) {
        best = instance;
      }
    }
    return best;
  }

  private static boolean tried(int[] tried, int count, int instance) {
    for (int i = 0; i < count; i++) {
      if (tried[i] == instance) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void onBegin(int edge, int instance) {
    inFlight[edge][instance]++;
  }

  @Override
  public void onEnd(int edge, int instance, Told told, long nowNanos) {
    inFlight[edge][instance]--;
  }

  @Override
  public void onReports(int edge, int[] inFlight, long[] appNanos, long nowNanos) {}

  @Override
  public void onState(int edge, int instance, boolean up) {
    this.up[edge][instance] = up;
  }
}
