using System.Runtime.InteropServices;

namespace Direct.Grains.Topics;

/// <summary>
/// Assigns topics to gateways by rendezvous hashing (Thaler and Ravishankar, 1998). Every silo chooses the same gateway, and when one leaves, only its topics get another.
/// </summary>
internal static class Rendezvous
{
    /// <summary>Returns the weight of a gateway for a topic. The gateway with the highest weight is the first choice.</summary>
    // Not HashCode, which differs between processes.
    public static ulong WeightOf(TopicKey topic, Guid gateway)
    {
        var halves = MemoryMarshal.Cast<Guid, ulong>(MemoryMarshal.CreateReadOnlySpan(in gateway, 1));
        var hash = Mix(halves[0] ^ Mix(halves[1] + (ulong)topic.Scope));
        return Mix(hash ^ Mix((ulong)topic.Id ^ Mix((ulong)topic.ChannelId)));
    }

    // The finalizer of SplitMix64.
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
