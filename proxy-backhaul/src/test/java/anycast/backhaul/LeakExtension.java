package anycast.backhaul;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test class whose tests lost a reference-counted buffer. Registers itself in every module
/// that has this test jar on its path.
///
/// Netty notices a leak when the garbage collector finds the lost buffer, so the class is charged
/// after a collection at its end; a single test only where one happened to come earlier.
public final class LeakExtension implements AfterEachCallback, AfterAllCallback {
  private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();
  private static final long COLLECTION_MILLIS = 2_000;

  static {
    // Must come before the first buffer: Netty asks the factory once for each resource class.
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Collecting());
  }

  @Override
  public void afterEach(ExtensionContext test) {
    report(test);
  }

  @Override
  public void afterAll(ExtensionContext tests) throws Exception {
    collect();
    report(tests);
  }

  private static void report(ExtensionContext where) {
    List<String> found = new ArrayList<>();
    for (String leak = LEAKS.poll(); leak != null; leak = LEAKS.poll()) {
      found.add(leak);
    }
    if (!found.isEmpty()) {
      throw new AssertionError(
          found.size() + " leaks at or before " + where.getDisplayName() + "\n" + found.getFirst());
    }
  }

  /// Collects garbage until a lost object of ours has been found, then lets Netty look.
  private static void collect() throws InterruptedException {
    ReferenceQueue<Object> lost = new ReferenceQueue<>();
    WeakReference<Object> canary = new WeakReference<>(new Object(), lost);
    System.gc();
    lost.remove(COLLECTION_MILLIS);
    canary.clear();
    ByteBufAllocator.DEFAULT.directBuffer(1).release();
  }

  private static final class Collecting extends ResourceLeakDetectorFactory {
    @Override
    @SuppressWarnings("deprecation")
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval, long maxActive) {
      return new CollectingDetector<>(resource, samplingInterval);
    }
  }

  private static final class CollectingDetector<T> extends ResourceLeakDetector<T> {
    CollectingDetector(Class<?> resource, int samplingInterval) {
      super(resource, samplingInterval);
    }

    @Override
    protected boolean needReport() {
      return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
      LEAKS.add(resourceType + records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
      LEAKS.add(resourceType);
    }
  }
}
