using System.Reflection;
using Direct.Gateway.Diagnostics;

namespace Direct.Gateway.Tests;

public sealed class GatewayEventIdsTests
{
    [Fact]
    public void Ids_OfThisAssembly_AreUniqueAndInTheirRange()
    {
        var ids = typeof(GatewayEventIds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (int)field.GetRawConstantValue()!).ToList();

        Assert.Distinct(ids);
        Assert.All(ids, id => Assert.InRange(id, 7000, 7999));
    }
}
