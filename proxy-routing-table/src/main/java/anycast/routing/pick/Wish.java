package anycast.routing.pick;

import anycast.routing.model.InstanceId;
import anycast.routing.model.RegionCode;
import java.util.List;

/// Where a client wants its request to go.
///
/// @param regions in order of preference; empty = any
/// @param regionsForced no region outside the list will do
/// @param instance null = any
/// @param instanceForced no other instance will do
public record Wish(
    List<RegionCode> regions, boolean regionsForced, InstanceId instance, boolean instanceForced) {
  public static final Wish NONE = new Wish(List.of(), false, null, false);

  public Wish {
    regions = List.copyOf(regions);
  }
}
