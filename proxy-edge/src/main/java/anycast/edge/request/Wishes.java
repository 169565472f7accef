package anycast.edge.request;

import anycast.backhaul.head.Fields;
import anycast.routing.model.InstanceId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Wish;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Reads where a client wants its request to go.
///
/// ```
/// fly-prefer-region: ams, fra        in this order, then the nearest
/// fly-force-region: ams, fra         in this order, nowhere else; `any` in the list: then the nearest
/// fly-prefer-instance-id: hello-1    then any
/// fly-force-instance-id: hello-1     no other; a cookie of this name says the same
/// ```
///
/// What is forced wins over what is preferred, a header over the cookie. A preference that nobody
/// can read is as if it was not there: it is a hint. What is forced and cannot be read is the
/// client's error, as serving it elsewhere is what the client wants least; but a cookie that cannot
/// be read counts for nothing, as the browser would go on sending it.
///
/// **Limits.** [#MAX_REGIONS] regions, one instance.
final class Wishes {
  /// More regions than this in a row are no order of preference.
  static final int MAX_REGIONS = 16;

  static final AsciiString PREFER_REGION = AsciiString.cached("fly-prefer-region");
  static final AsciiString FORCE_REGION = AsciiString.cached("fly-force-region");
  static final AsciiString PREFER_INSTANCE = AsciiString.cached("fly-prefer-instance-id");
  static final AsciiString FORCE_INSTANCE = AsciiString.cached("fly-force-instance-id");
  private static final String FORCE_COOKIE = FORCE_INSTANCE.toString();
  private static final AsciiString PREFIX = AsciiString.cached("fly-");
  private static final String ANYWHERE = "any";

  private Wishes() {}

  /// What is wished; null where what is forced cannot be read.
  static Wish of(Fields fields) {
    boolean headers = spoken(fields);
    boolean cookie = Pairs.hasCookie(fields, FORCE_INSTANCE);
    return headers || cookie ? read(fields, headers, cookie) : Wish.NONE;
  }

  /// Whether a header begins as those do: most requests have none.
  private static boolean spoken(Fields fields) {
    byte[] bytes = fields.array();
    for (int i = 0; i < fields.size(); i++) {
      int at = fields.nameStart(i);
      if (fields.nameLength(i) >= FORCE_REGION.length()
          && bytes[at] == 'f'
          && bytes[at + 3] == '-'
          && fields.name(i).startsWith(PREFIX)) {
        return true;
      }
    }
    return false;
  }

  private static Wish read(Fields fields, boolean headers, boolean cookie) {
    List<RegionCode> regions = List.of();
    boolean regionsForced = false;
    InstanceId instance = null;
    boolean instanceForced = false;
    if (headers) {
      if (fields.contains(FORCE_REGION)) {
        List<RegionCode> forced = regions(fields, FORCE_REGION);
        if (forced == null) {
          return null;
        }
        int any = forced.indexOf(new RegionCode(ANYWHERE));
        regionsForced = any < 0;
        regions = any < 0 ? forced : forced.subList(0, any);
      } else {
        List<RegionCode> preferred = regions(fields, PREFER_REGION);
        regions = preferred == null ? List.of() : preferred;
      }
      instance = instance(fields, FORCE_INSTANCE);
      instanceForced = instance != null;
      if (!instanceForced && fields.contains(FORCE_INSTANCE)) {
        return null;
      }
    }
    if (instance == null && cookie) {
      instance = instance(Pairs.ofCookies(fields).value(FORCE_COOKIE, 0));
      instanceForced = instance != null;
    }
    if (instance == null && headers) {
      instance = instance(fields, PREFER_INSTANCE);
    }
    return regions.isEmpty() && instance == null
        ? Wish.NONE
        : new Wish(regions, regionsForced, instance, instanceForced);
  }

  /// The regions of all fields of the name; null where one is none, or there are too many or none.
  private static List<RegionCode> regions(Fields fields, AsciiString name) {
    List<RegionCode> regions = new ArrayList<>();
    for (int i = fields.find(name); i >= 0; i = fields.find(name, i + 1)) {
      for (String part : fields.valueText(i).split(",", -1)) {
        String code = part.strip().toLowerCase(Locale.ROOT);
        if (!code.isEmpty()) {
          RegionCode region = region(code);
          if (region == null || regions.size() == MAX_REGIONS) {
            return null;
          }
          regions.add(region);
        }
      }
    }
    return regions.isEmpty() ? null : regions;
  }

  private static RegionCode region(String code) {
    try {
      return new RegionCode(code);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /// The one instance that the fields of the name say; null where they say none, or several.
  private static InstanceId instance(Fields fields, AsciiString name) {
    int i = fields.find(name);
    return i < 0 || fields.find(name, i + 1) >= 0 ? null : instance(fields.valueText(i));
  }

  private static InstanceId instance(CharSequence text) {
    try {
      return text == null ? null : new InstanceId(text.toString().strip());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
