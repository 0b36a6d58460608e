using System.Security.Cryptography;

namespace Direct.Grains.Tls;

/// <summary>The identity of this node as its files contain it now: new handshakes use the new one, open connections keep theirs.</summary>
public sealed class ClusterIdentityFiles
{
    private readonly ClusterTlsOptions _options;
    private volatile ClusterIdentity _current;
    private byte[] _seen;

    private ClusterIdentityFiles(ClusterTlsOptions options, ClusterIdentity current, byte[] seen)
    {
        (_options, _current, _seen) = (options, current, seen);
    }

    /// <summary>What handshakes use.</summary>
    internal ClusterIdentity Current => _current;

    /// <summary>Reads the files; null when they cannot be used.</summary>
    internal static ClusterIdentityFiles? Open(ClusterTlsOptions options, DateTimeOffset now)
    {
        var seen = Fingerprint(options); // first: what is written from now on is noticed
        return seen is not null && ClusterIdentity.Read(options, now, out _) is { } identity ? new ClusterIdentityFiles(options, identity, seen) : null;
    }

    /// <summary>
    /// Reads the files again when they differ from those that were read last. True when there is something to say of it: they are in use, or,
    /// with errors, they cannot be and what was read before stays.
    /// </summary>
    internal bool Refresh(DateTimeOffset now, out IReadOnlyList<string> errors)
    {
        errors = [];
        var fingerprint = Fingerprint(_options);
        if (fingerprint is null || fingerprint.AsSpan().SequenceEqual(_seen))
        {
            return false; // unreadable for a moment: somebody is writing them
        }

        _seen = fingerprint;
        if (ClusterIdentity.Read(_options, now, out errors) is { } identity)
        {
            _current = identity;
        }

        return true;
    }

    private static byte[]? Fingerprint(ClusterTlsOptions options)
    {
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var path in (string?[])[options.Certificate, options.Key, options.Authority])
            {
                hash.AppendData(SHA256.HashData(File.ReadAllBytes(path ?? "")));
            }

            return hash.GetHashAndReset();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
