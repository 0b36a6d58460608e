using System.Net;

namespace Direct.Edge.Identity;

/// <summary>Checks whether an address is in one of several networks.</summary>
/// <param name="texts">The networks, each in CIDR form or as a single address; validated at the start.</param>
internal sealed class NetworkSet(IEnumerable<string> texts)
{
    private readonly IPNetwork[] _networks = [.. texts.Select(Parse)];

    public int Count => _networks.Length;

    public bool Contains(IPAddress address)
    {
        foreach (var network in _networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    public override string ToString() => string.Join(", ", _networks);

    private static IPNetwork Parse(string text) =>
        NetworkText.TryParse(text, out var network) is { } error ? throw new FormatException($"'{text}' is not a network: {error}.") : network;
}
