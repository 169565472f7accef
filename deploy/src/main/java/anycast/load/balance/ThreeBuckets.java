package anycast.load.balance;

import java.util.Arrays;
import java.util.SplittableRandom;

/// As a known platform describes its proxy: load in three buckets (below the soft limit, between
/// the limits, at the hard limit) from its proxies' gossip, the least loaded bucket, in it the
/// closest, by chance among equals; another region only when all of the own one are away or at
/// their hard limit; up to 90 attempts.
final class ThreeBuckets implements Way {
  private static final int ATTEMPTS = 90;

  /// Round trips that differ by less are the same.
  private static final long EQUAL_NANOS = 100_000;

  private static final int HARD = 2;

  private final Globe globe;
  private final int instances;
  private final int nodes;
  private final byte[][] gossip;
  private final int[][] own;
  private final boolean[][] up;

  ThreeBuckets(Globe globe, int edges, int instances, int nodes) {
    this.globe = globe;
    this.instances = instances;
    this.nodes = nodes;
    this.gossip = new byte[edges][instances];
    this.own = new int[edges][instances];
    this.up = new boolean[edges][instances];
    for (boolean[] view : up) {
      Arrays.fill(view, true);
    }
  }

  @Override
  public Attempts begin(int edge, long nowNanos, long random) {
    return new Attempts() {
      private final SplittableRandom chance = new SplittableRandom(random);
      private final boolean[] tried = new boolean[instances];

      @Override
      public int next() {
        int chosen = choose(edge, chance, tried, true, HARD - 1);
        chosen = chosen < 0 ? choose(edge, chance, tried, false, HARD - 1) : chosen;
        chosen = chosen < 0 ? choose(edge, chance, tried, true, HARD) : chosen;
        if (chosen >= 0) {
          tried[chosen] = true;
        }
        return chosen;
      }
    };
  }

  private int choose(
      int edge, SplittableRandom chance, boolean[] tried, boolean near, int worstBucket) {
    int step = near ? Globe.REGIONS : 1;
    int places = instances / step;
    int from = chance.nextInt(places);
    int best = -1;
    int bestBucket = worstBucket + 1;
    long bestNanos = 0;
    for (int i = 0; i < places; i++) {
      int instance = (near ? Globe.region(edge) : 0) + (from + i) % places * step;
      if (!up[edge][instance] || tried[instance]) {
        continue;
      }
      int bucket = Math.max(gossip[edge][instance], bucket(own[edge][instance]));
      long nanos = bucket > bestBucket ? 0 : globe.roundTripNanos(edge, instance % nodes);
      if (bucket < bestBucket || bucket == bestBucket && nanos < bestNanos - EQUAL_NANOS) {
        best = instance;
        bestBucket = bucket;
        bestNanos = nanos;
      }
    }
    return best;
  }

  private static int bucket(int inFlight) {
    if (inFlight >= Server.HARD_LIMIT) {
      return HARD;
    }
    return inFlight >= Server.SOFT_LIMIT ? 1 : 0;
  }

  @Override
  public void onBegin(int edge, int instance) {
    own[edge][instance]++;
  }

  @Override
  public void onEnd(int edge, int instance, Told told, long nowNanos) {
    own[edge][instance]--;
  }

  @Override
  public void onReports(int edge, int[] inFlight, long[] appNanos, long nowNanos) {
    for (int i = 0; i < instances; i++) {
      gossip[edge][i] = (byte) bucket(inFlight[i]);
    }
  }

  @Override
  public void onState(int edge, int instance, boolean up) {
    this.up[edge][instance] = up;
  }

  @Override
  public int attempts() {
    return ATTEMPTS;
  }

  @Override
  public boolean budgeted() {
    return false;
  }
}
