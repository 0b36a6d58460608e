using Direct.Edge.Rights;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Connections;

/// <summary>
/// Sets the default of <see cref="ConnectionOptions.UnjoinedBroadcast"/> to nobody where rights are looked up, because nobody needs a right to be
/// outside every room.
/// </summary>
internal sealed class UnjoinedBroadcastDefault(IOptions<RightsOptions> rights) : IConfigureOptions<ConnectionOptions>
{
    public void Configure(ConnectionOptions options)
    {
        if (rights.Value.Mode is not RightsMode.Open)
        {
            options.UnjoinedBroadcast = UnjoinedBroadcast.None;
        }
    }
}
