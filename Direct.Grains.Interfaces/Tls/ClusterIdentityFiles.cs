using System.Security.Cryptography;

namespace Direct.Grains.Tls;

/// <summary>
/// Provides the identity of this node as its files contain it now. New handshakes use the new identity; open connections keep theirs.
/// </summary>
public sealed class ClusterIdentityFiles
{
    private readonly ClusterTlsOptions _options;
    private volatile ClusterIdentity _current;
    private byte[] _seen;

    private ClusterIdentityFiles(ClusterTlsOptions options, ClusterIdentity current, byte[] seen)
    {
        (_options, _current, _seen) = (options, current, seen);
    }

    /// <summary>Gets the identity for new handshakes.</summary>
    internal ClusterIdentity Current => _current;

    /// <summary>Reads the files; null if they cannot be used.</summary>
    internal static ClusterIdentityFiles? Open(ClusterTlsOptions options, DateTimeOffset now)
    {
        var seen = Fingerprint(options); // first, so that later changes are noticed
        return seen is not null && ClusterIdentity.Read(options, now, out _) is { } identity ? new ClusterIdentityFiles(options, identity, seen) : null;
    }

    /// <summary>
    /// Reads the files again if they have changed. Returns true if the result must be reported: the new files are in use, or they have errors and the
    /// previous identity stays in use.
    /// </summary>
    internal bool Refresh(DateTimeOffset now, out IReadOnlyList<string> errors)
    {
        errors = [];
        var fingerprint = Fingerprint(_options);
        if (fingerprint is null || fingerprint.AsSpan().SequenceEqual(_seen))
        {
            return false; // unreadable for a moment, because they are being written
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
