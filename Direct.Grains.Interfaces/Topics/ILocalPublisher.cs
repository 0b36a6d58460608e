namespace Direct.Grains.Topics;

/// <summary>Publishes through the silo in this process. It does what <see cref="IPublisherGrain"/> does, without a call of Orleans.</summary>
internal interface ILocalPublisher
{
    /// <inheritdoc cref="IPublisherGrain.PublishAsync" />
    ValueTask<PublisherAnswer> PublishAsync(PublishRequest[] requests);
}
