using System.Net;
using System.Security.Cryptography;
using System.Text;
using Direct.Edge.Identity;
using Direct.Edge.Transport.Loop;
using Direct.Fuzz.References;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.Options;

namespace Direct.Fuzz.Targets;

/// <summary>Tests the head of an opening handshake: <see cref="HandshakeRequest"/>, and the code that uses its headers.</summary>
internal sealed class HandshakeTarget : IFuzzTarget
{
    private static readonly string[] AddressHeaders = ["CF-Connecting-IP", "X-Forwarded-For", "X-Real-IP"];

    private readonly ClientAddressReader _addresses = new(new TrustedProxies(Options.Create(new IdentityOptions())));
    private readonly AllowedHosts _hosts = new(Options.Create(new HostFilteringOptions { AllowedHosts = ["localhost", "*.example.com", "[::1]"] }));

    public string Name => "handshake";

    public void Run(ReadOnlySpan<byte> input, int maxCuts)
    {
        var status = HandshakeRequest.Read(input, out var head);
        var expected = ReferenceHandshake.TryTake(input);
        Check.Equal(expected is not null, status is HeadStatus.Accepted, "whether the head is taken");
        if (expected is not null)
        {
            CheckAccepted(expected, input, head);
        }

        foreach (var cut in Cuts.Of(input, maxCuts))
        {
            var early = HandshakeRequest.Read(input[..cut], out var earlyHead);
            Check.That(early == status || early is HeadStatus.Incomplete, $"the first {cut} bytes are {early}, and all of them {status}");
            Check.That(early is not HeadStatus.Accepted || earlyHead.Length == head.Length, $"the first {cut} bytes are a head of {earlyHead.Length}, all of {head.Length}");
        }
    }

    private void CheckAccepted(KestrelHead expected, ReadOnlySpan<byte> input, in HandshakeRequest head)
    {
        Check.Equal(("GET", "Http11"), (expected.Method, expected.Version), "what Kestrel takes the request for");
        Check.Equal(expected.Length, head.Length, "the length of the head");
        Check.Equal(expected.Values("Host")[0], Encoding.Latin1.GetString(head.Host), "the host");
        Check.Equal(expected.Values("Origin").FirstOrDefault(), head.Origin, "the origin");
        foreach (var name in AddressHeaders)
        {
            Check.Equal(string.Join('\n', expected.Values(name)), string.Join('\n', (IEnumerable<string?>)head.AddressHeaders[name]), name);
        }

        var key = expected.Values("Sec-WebSocket-Key")[0];
        Check.Equal(key, Encoding.Latin1.GetString(head.Key), "the key");
        Span<byte> answer = stackalloc byte[HandshakeAnswer.MaxBytes];
        answer = answer[..HandshakeAnswer.Write(answer, head.Key)];
#pragma warning disable CA5350 // RFC 6455 requires SHA-1.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        Check.That(answer.IndexOf(Encoding.ASCII.GetBytes($"Sec-WebSocket-Accept: {accept}\r\n")) > 0, $"the answer is {Encoding.ASCII.GetString(answer)}");

        // Any header must give a result.
        _hosts.Allow(head.Host);
        Check.That(_addresses.Read(IPAddress.Loopback, head.AddressHeaders).Accountable is not null, $"no address");
    }
}
