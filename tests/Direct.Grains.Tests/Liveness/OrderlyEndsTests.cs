using System.Net.Sockets;
using Direct.Grains.Liveness;

namespace Direct.Grains.Tests.Liveness;

public sealed class OrderlyEndsTests
{
    // Without it every silo that is killed is left to the probes.
    [Fact]
    public void SocketField_OfThisOrleans_IsThere() => Assert.Equal(typeof(Socket), OrderlyEnds.SocketField?.FieldType);
}
