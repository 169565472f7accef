package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.head.Fields;
import anycast.routing.model.InstanceId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Wish;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WishesTest {
  @Test
  void mostRequestsWishNothing() {
    assertSame(Wish.NONE, wish());
    assertSame(
        Wish.NONE,
        wish("fly-client-ip", "1.2.3.4", "cookie", "a=b; fly-force-instance-idx=c", "fly", "x"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ams|ams",
        "ams,fra|ams fra",
        " ams , fra ,|ams fra",
        "AMS|ams",
      })
  void readsRegionsInOrder(String header, String regions) {
    assertEquals(new Wish(regions(regions), false, null, false), wish("fly-prefer-region", header));
    assertEquals(new Wish(regions(regions), true, null, false), wish("fly-force-region", header));
  }

  @Test
  void readsSeveralFieldsAsOneList() {
    assertEquals(
        new Wish(regions("ams fra"), true, null, false),
        wish("fly-force-region", "ams", "fly-force-region", "fra"));
  }

  @Test
  void anyInAForcedListLeavesItAPreference() {
    assertEquals(
        new Wish(regions("sjc"), false, null, false), wish("fly-force-region", "sjc, any, ams"));
    assertSame(Wish.NONE, wish("fly-force-region", "any"));
  }

  @Test
  void readsInstances() {
    assertEquals(instance("i-1", false), wish("fly-prefer-instance-id", "i-1"));
    assertEquals(instance("i-1", true), wish("fly-force-instance-id", " i-1"));
    assertEquals(instance("i-1", true), wish("cookie", "a=b; fly-force-instance-id=i-1"));
    assertEquals(
        instance("i-1", true), wish("cookie", "a=b", "cookie", "fly-force-instance-id=i-1; c=d"));
  }

  @Test
  void whatIsForcedWinsAndAHeaderBeforeTheCookie() {
    assertEquals(
        instance("i-1", true),
        wish(
            "fly-prefer-instance-id",
            "i-3",
            "cookie",
            "fly-force-instance-id=i-2",
            "fly-force-instance-id",
            "i-1"));
    Wish both = wish("fly-prefer-region", "ams", "fly-force-region", "fra");
    assertEquals(new Wish(regions("fra"), true, null, false), both);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fly-prefer-region|a b",
        "fly-prefer-region|''",
        "fly-prefer-region|,,",
        "fly-prefer-instance-id|a/b",
        "fly-prefer-instance-id|i-1, i-2",
        "fly-prefer-instance-id|''",
        "cookie|fly-force-instance-id=a/b",
        "cookie|fly-force-instance-id="
      })
  void aPreferenceThatCannotBeReadIsNone(String name, String value) {
    assertSame(Wish.NONE, wish(name, value));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fly-force-region|a b",
        "fly-force-region|''",
        "fly-force-region|fra, ü",
        "fly-force-instance-id|a/b",
        "fly-force-instance-id|i-1, i-2",
        "fly-force-instance-id|''"
      })
  void whatIsForcedAndCannotBeReadIsAnError(String name, String value) {
    assertNull(wish(name, value));
  }

  @Test
  void listsHaveAnEnd() {
    String many = "r,".repeat(Wishes.MAX_REGIONS + 1);
    assertNull(wish("fly-force-region", many));
    assertSame(Wish.NONE, wish("fly-prefer-region", many));
    assertNull(wish("fly-force-instance-id", "i-1", "fly-force-instance-id", "i-2"));
  }

  @Test
  void aHugeCookieIsWalkedOnce() {
    String cookie = "a=b;".repeat(16_000);
    assertSame(Wish.NONE, wish("cookie", cookie));
    Fields fields = new Fields();
    fields.add("cookie", cookie + "x=y");
    Pairs pairs = Pairs.ofCookies(fields);
    assertTrue(pairs.value("a", 255) != null);
    assertNull(pairs.value("a", 256));
    assertNull(pairs.value("x", 0));
    assertFalse(Pairs.hasCookie(fields, Wishes.FORCE_INSTANCE));
  }

  private static List<RegionCode> regions(String text) {
    return Arrays.stream(text.split(" ")).map(RegionCode::new).toList();
  }

  private static Wish instance(String id, boolean forced) {
    return new Wish(List.of(), false, new InstanceId(id), forced);
  }

  private static Wish wish(String... fields) {
    return Wishes.of(Scene.head("GET", "a.test", "/", fields).fields());
  }
}
