using System.Security.Cryptography;
using System.Text;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Models;

/// <summary>Records what happens in a run.</summary>
internal sealed class ModelTrace(ManualTimeProvider time)
{
    private readonly StringBuilder _text = new();

    /// <summary>Gets a hash of everything recorded. Two runs of one seed have the same.</summary>
    public string Hash => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(_text.ToString())))[..16];

    public void Add(string line) => _text.Append(time.GetTimestamp() / TimeSpan.TicksPerMillisecond).Append(" ms  ").Append(line).Append('\n');

    public override string ToString() => _text.ToString();
}
