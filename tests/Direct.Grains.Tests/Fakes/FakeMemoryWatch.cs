using Direct.Grains.Memory;

namespace Direct.Grains.Tests.Fakes;

internal sealed class FakeMemoryWatch : IMemoryWatch
{
    public MemoryPressure Pressure { get; set; }
}
