package anycast.routing.model;

import static anycast.routing.model.Names.checked;

/// Short lower-case region code such as `fra`.
public record RegionCode(String code) {
  public RegionCode {
    checked("RegionCode", code);
  }

  @Override
  public String toString() {
    return code;
  }
}
