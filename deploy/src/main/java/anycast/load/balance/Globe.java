package anycast.load.balance;

import java.util.SplittableRandom;

/// Twenty cities and how far apart they are by cable, with edges and nodes in each.
final class Globe {
  static final int REGIONS = 20;

  /// Latitude and longitude in degrees: Frankfurt, Amsterdam, London, Paris, Madrid, Stockholm,
  /// Warsaw, Ashburn, Newark, Chicago, Dallas, Los Angeles, San Jose, Toronto, São Paulo,
  /// Johannesburg, Mumbai, Singapore, Tokyo, Sydney.
  private static final double[][] CITIES = {
    {50.1, 8.7},
    {52.4, 4.9},
    {51.5, -0.1},
    {48.9, 2.4},
    {40.4, -3.7},
    {59.3, 18.1},
    {52.2, 21.0},
    {39.0, -77.5},
    {40.7, -74.2},
    {41.9, -87.6},
    {32.8, -96.8},
    {34.1, -118.2},
    {37.3, -121.9},
    {43.7, -79.4},
    {-23.5, -46.6},
    {-26.2, 28.0},
    {19.1, 72.9},
    {1.4, 103.8},
    {35.7, 139.7},
    {-33.9, 151.2}
  };

  private static final double EARTH_KILOMETRES = 6_371;

  /// Light in glass does 200 km a millisecond; cables are half as long again as the straight line;
  /// there and back.
  private static final double NANOS_A_KILOMETRE = 2 * 1.5 * 1_000_000 / 200;

  private static final long[][] WAYS = ways();

  private final long[] edgeNanos;
  private final long[] nodeNanos;

  /// @param random how far each host is from its region's middle
  Globe(int edges, int nodes, SplittableRandom random) {
    edgeNanos = random.longs(edges, 50_000, 400_000).toArray();
    nodeNanos = random.longs(nodes, 50_000, 400_000).toArray();
  }

  /// Round trip between an edge and a node.
  long roundTripNanos(int edge, int node) {
    return WAYS[region(edge)][region(node)] + edgeNanos[edge] + nodeNanos[node];
  }

  private static long[][] ways() {
    long[][] ways = new long[REGIONS][REGIONS];
    for (int one = 0; one < REGIONS; one++) {
      for (int other = 0; other < REGIONS; other++) {
        ways[one][other] = one == other ? 0 : wayNanos(CITIES[one], CITIES[other]);
      }
    }
    return ways;
  }

  private static long wayNanos(double[] one, double[] other) {
    double a = Math.toRadians(one[0]);
    double b = Math.toRadians(other[0]);
    double cos =
        Math.sin(a) * Math.sin(b)
            + Math.cos(a) * Math.cos(b) * Math.cos(Math.toRadians(one[1] - other[1]));
    double kilometres = EARTH_KILOMETRES * Math.acos(Math.clamp(cos, -1, 1));
    return (long) (kilometres * NANOS_A_KILOMETRE);
  }

  /// Edges, nodes and instances are dealt out to the regions one after the other.
  static int region(int number) {
    return number % REGIONS;
  }
}
